"""Word lists that normalising reads: what surrounds a product's name without being part of it."""


def word_set(text: str) -> frozenset[str]:
    """Make a set of the words of a text."""
    return frozenset(text.split())


ENVIRONMENT = word_set(
    "production prod nonprod preprod preproduction sandbox sbx uat staging stage stg dev development test "
    "testing qa demo instance tenant workspace env environment old legacy deprecated archived "
    "inactive disabled retired obsolete temp temporary poc pilot prd acc acceptance produktion v"
)
"""Words that say which copy of a product is meant."""

PROTOCOL = word_set(
    "saml saml2 sso oidc openid oauth oauth2 scim swa wsfed bookmark provisioning okta entra azuread adfs"
)
"""Words an administrator adds to say how people sign in."""

REGION = word_set("eu us usa uk emea apac amer latam dach na nordics global")
"""Regions, dropped only after another word: never the first word of a name."""

EDITION = word_set(
    "enterprise business pro premium plus team teams free trial standard basic starter professional "
    "essentials edition plan account accounts app apps mobile ios android desktop web extension software "
    "platform suite cloud online tool portal subscription license licence addon hq"
)
"""Editions and wrappings of a product; tried without, when the name with them is not known."""

PLAN = word_set("pro premium plus team teams enterprise business basic standard starter cloud app")
"""Plans as they follow a merchant's name on a statement."""

COMPANY = word_set(
    "inc incorporated llc llp lp ltd limited gmbh ag kg se sa sas sarl srl spa bv nv ab as aps oy oyj plc "
    "pty pte corp corporation co pbc ulc ou ohg ug kft sro kk company pvt spzoo doo eg ev mbh gbr kgaa "
    "gesmbh sasu eurl snc sagl sprl bvba ltda eireli sl slu lda abp asa uab sia ead eood bhd sdn zrt nyrt "
    "jsc ooo gk yk clg dac"
)
"""Legal forms at the end of a company's name."""

LEGAL_FORMS = COMPANY | {"unlimited"}
"""Legal forms as they close a company's name inside a statement line; a place follows."""

VAGUE_FORMS = word_set("co as se sa ab company corporation spa ug kk sia clg ou ev eg sl gk yk dac sas sarl")
"""Legal forms that are also words or places: they close the name of a stranger only near its end."""

COMPANY_WORDS = word_set(
    "software technologies technology tech labs media group holdings systems solutions international global "
    "europe uk usa app hq"
)
"""What may follow a product's name in the name of the company that makes it."""

BILLING = word_set(
    "bill billing charge charges subscription subscr subs sub invoice inv payment payments pymt pmt "
    "recurring monthly month annual yearly renewal order auto autopay pay plan plans fee fees "
    "internet software saas com net www http https web usd eur gbp cad aud chf intl international "
    "help support contact info helppay cc purchase card visa mastercard debit credit pending ach ccd ppd "
    "id ref no misc subscripti subscriptio"
)
"""Words of the payment, not of the merchant; dropped from the end of a statement line."""

STATES = word_set(
    "al ak az ar ca co ct de fl ga hi ia il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj nm "
    "nv ny oh ok or pa ri sc sd tn tx ut va vt wa wi wv wy dc on qc bc ab mb ns nsw vic qld act"
)

COUNTRIES = word_set(
    "us usa uk gb gbr ie irl irlnd de deu fr fra nl nld be bel ch che at aut se swe no nor dk dnk fi fin "
    "es esp it ita pt prt pl pol cz cze ee est lt ltu lv lva lu lux cy cyp mt mlt ca can au aus nz nzl sg "
    "sgp hk hkg jp jpn in ind il isr br bra mx mex cn chn kr kor ae are ro rou hu hun bg bgr ua ukr "
    "united states kingdom ireland germany france netherlands belgium switzerland austria sweden norway "
    "denmark finland spain italy portugal poland estonia lithuania latvia luxembourg cyprus malta canada "
    "australia singapore israel india brazil japan england"
)

CITIES = word_set(
    "amsterdam ann arbor antwerp atlanta auckland aurora austin bangalore barcelona bellevue bengaluru "
    "berlin bloomington boise boston boulder brooklyn brussels budapest burlington cambridge camden "
    "chandler charlotte chicago cincinnati cleveland cologne columbus copenhagen cork cupertino dallas "
    "denver detroit dubai dublin durham edinburgh emeryville frankfurt fremont geneva gothenburg halifax "
    "hamburg helsinki herzliya houston hyderabad indianapolis irvine jersey kitchener kyiv lehi limassol "
    "lisbon ljubljana london angeles louisville luxembourg madison madrid malmo manchester melbourne "
    "menlo park miami milan minneapolis montreal mountain view mumbai munich nashville new york city "
    "newark nicosia oakland orem oslo ottawa palo alto paris philadelphia phoenix pittsburgh plano "
    "portland porto prague provo raleigh redmond redwood reston richmond riga rochester rome sacramento "
    "salt lake san francisco diego jose mateo santa clara monica barbara scottsdale seattle shanghai "
    "singapore stockholm sunnyvale surry hills sydney tallinn tampa tel aviv tokyo toronto troy vancouver "
    "victoria vienna vilnius waltham warsaw washington waterloo wellington zug zurich los fran st. louis"
)

PLACES = STATES | COUNTRIES | CITIES

STATES_AND_COUNTRIES = STATES | COUNTRIES
"""What closes the address at the end of a statement line."""

AREAS = word_set(
    "europe european emea apac amer america americas americana asia pacific international intl global "
    "worldwide nordics nordic benelux dach iberia latam uk us usa eu gb united states kingdom ireland "
    "germany deutschland france netherlands nederland belgium switzerland schweiz suisse austria osterreich "
    "oesterreich sweden sverige norway norge denmark danmark finland suomi spain espana italy italia "
    "portugal poland polska czech estonia lithuania latvia luxembourg cyprus malta canada australia "
    "singapore israel india brazil brasil mexico japan anz north south middle east"
)
"""Countries and regions a group puts behind its name for its local company (`Acme Europe Ltd`)."""

COMPANY_PARTS = word_set(
    "technologies technology tech software operations holdings holding services group labs trading online"
)
"""What a group calls its parts; taken off only a name that is coined."""

NEUTRAL_PUBLISHERS = frozenset(
    [
        "activedirectoryapplicationregistry",
        "okta",
        "microsoft",
        "microsoftservices",
        "microsoftaccounts",
        "microsoftteamsecosystem",
    ]
)
"""Publishers an identity provider puts on its own catalogue entries; they say nothing about the maker."""

NEUTRAL_DOMAINS = word_set(
    "okta.com oktapreview.com okta-emea.com onelogin.com microsoftonline.com windows.net auth0.com "
    "gmail.com googlemail.com outlook.com hotmail.com icloud.com localhost example.com example.org "
    "googleusercontent.com chrome.google.com apps.apple.com"
)
"""Sign-in, mail and store hosts that stand beside any application and name the maker of none."""
