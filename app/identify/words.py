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
    "saml saml2 sso oidc openid oauth oauth2 scim swa wsfed bookmark provisioning okta entra azuread adfs "
    "org2org svc"
)
"""Words an administrator adds to say how people sign in."""

REGION = word_set("eu us usa uk emea apac amer latam dach na nordics global")
"""Regions, dropped only after another word: never the first word of a name."""

EDITION = word_set(
    "enterprise business pro premium plus team teams free trial standard basic starter professional "
    "essentials edition plan app apps mobile ios android desktop web extension software "
    "platform suite cloud online tool portal subscription license licence addon hq admin"
)
"""Editions and wrappings of a product; tried without, when the name with them is not known."""

PLAN = word_set("pro premium plus team teams enterprise business basic standard starter cloud app")
"""Plans as they follow a merchant's name on a statement."""

COMPANY = word_set(
    "inc incorporated llc llp lp ltd limited gmbh ag kg se sa sas sarl srl spa bv nv ab as aps oy oyj plc "
    "pty pte corp corporation co pbc ulc ou ohg ug kft sro kk company pvt spzoo doo eg ev mbh gbr kgaa "
    "gesmbh sasu eurl snc sagl sprl bvba ltda eireli sl slu lda abp asa uab sia ead eood bhd sdn zrt nyrt "
    "jsc ooo gk yk clg dac fze fzco spol"
)
"""Legal forms at the end of a company's name."""

LEGAL_FORMS = COMPANY | {"unlimited"}
"""Legal forms as they close a company's name inside a statement line; a place follows."""

VAGUE_FORMS = word_set("co as se sa ab company corporation spa ug kk sia clg ou ev eg sl gk yk dac sas sarl")
"""Legal forms that are also words or places: they close the name of a stranger only near its end."""

TRADES = word_set(
    "accounting advertising agencies community design events gifting local marketing media mobile partner "
    "partners planning press print printing protection recruiting recruitment retail sales security shipping "
    "store studio talent travel video"
)
"""What shops and agencies put behind an ordinary word in names of their own (`Harbor Media`)."""

COMPANY_WORDS = word_set(
    "software technologies technology tech labs media group holdings systems solutions international global "
    "europe uk usa app hq research networks interactive"
)
"""What may follow a product's name in the name of the company that makes it."""

BILLING = word_set(
    "bill billing charge charges subscription subscr subs sub invoice inv payment payments pymt pmt "
    "recurring monthly month annual yearly renewal order auto autopay pay plan plans fee fees "
    "internet software saas com net www http https web usd eur gbp cad aud chf intl international "
    "help support contact info helppay trial cc purchase card visa mastercard debit credit pending ach ccd "
    "ppd id ref no misc subscripti subscriptio facture factura "
    "rechnung faktura fattura factuur licence licences license licenses abonnement"
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
    "victoria vienna vilnius waltham warsaw washington waterloo wellington zug zurich los fran st. "
    "louis praha "
    "wien munchen koeln köln milano lisboa warszawa bruxelles zürich zuerich"
)

PLACES = STATES | COUNTRIES | CITIES

STATES_AND_COUNTRIES = STATES | COUNTRIES
"""What closes the address at the end of a statement line."""

PLACE_WORDS = word_set(
    "foster hollywood playa vista venice kansas hong kong delhi janeiro chi minh athens julians gallen "
    "helier gibraltar prussia hunt levallois perret boulogne billancourt neuilly seine dover concord moscow "
    "odessa beijing wurzburg wuerzburg "
    "beach park hills heights valley lake grove island creek springs harbor harbour fort saint sankt "
    "santa sao sint port mount mountain village town township ville burg city west east upper lower old "
    "new grand plain plains falls bay point ridge rock river green oak oaks cedar maple palm coral cape "
    "des moines rapids charleston savannah tucson tulsa omaha wichita boca raton tampa clearwater "
    "sarasota naples lauderdale pompano delray jupiter orlando jacksonville tallahassee gainesville "
    "hoboken jersey princeton edison stamford norwalk greenwich hartford providence worcester somerville "
    "waltham quincy lowell nashua burlington portsmouth manchester albany syracuse buffalo ithaca yonkers "
    "brooklyn queens bronx astoria bethesda rockville arlington alexandria tysons mclean herndon ashburn "
    "norfolk richmond roanoke greensboro winston salem asheville wilmington columbia greenville knoxville "
    "memphis chattanooga birmingham huntsville montgomery mobile jackson baton rouge lafayette shreveport "
    "houston galveston austin antonio worth frisco mckinney allen carrollton richardson lubbock oklahoma "
    "norman little fayetteville bentonville springfield joplin topeka lenexa overland lincoln sioux fargo "
    "bismarck duluth bloomington rochester madison milwaukee appleton kenosha rockford peoria evanston "
    "schaumburg naperville skokie gary lansing kalamazoo flint dearborn southfield toledo akron dayton "
    "lexington bowling evansville carmel fishers boulder broomfield lakewood englewood aurora golden "
    "collins castle cheyenne billings missoula bozeman helena spokane tacoma everett kirkland bothell "
    "issaquah eugene bend hillsboro beaverton vegas henderson reno carson tempe mesa gilbert glendale "
    "flagstaff albuquerque fe paso ogden layton draper sandy lindon pleasant anaheim pasadena burbank "
    "torrance redondo hermosa manhattan marina culver costa newport laguna carlsbad encinitas oceanside "
    "ventura oxnard fresno stockton modesto walnut berkeley emeryville alameda hayward fremont milpitas "
    "cupertino campbell gatos mill novato petaluma napa gatineau hamilton mississauga markham oakville "
    "brampton burnaby surrey kelowna calgary edmonton regina saskatoon winnipeg quebec laval fredericton "
    "moncton leeds bristol oxford cambridge reading brighton liverpool glasgow cardiff belfast sheffield "
    "keynes milton nottingham leicester coventry norwich exeter plymouth southampton guildford slough "
    "watford croydon wembley limerick galway waterford essen dortmund dusseldorf duesseldorf "
    "stuttgart leipzig dresden "
    "hannover bremen nuremberg nurnberg bonn mannheim karlsruhe freiburg augsburg wiesbaden mainz aachen "
    "kiel lubeck potsdam jena erfurt ulm regensburg wuerzburg graz linz salzburg innsbruck basel bern "
    "lausanne lugano winterthur lyon marseille toulouse bordeaux lille nantes nice rennes strasbourg "
    "montpellier grenoble limoges rotterdam utrecht eindhoven haag hague groningen haarlem leiden delft "
    "almere amersfoort ghent gent leuven brugge liege namur turin torino bologna florence firenze napoli "
    "genoa verona padova valencia sevilla malaga bilbao zaragoza palma braga coimbra aveiro krakow "
    "wroclaw gdansk poznan lodz katowice brno ostrava bratislava kosice cluj timisoara iasi sofia plovdiv "
    "varna zagreb belgrade beograd lviv kharkiv odesa minsk tartu kaunas aarhus odense aalborg bergen "
    "trondheim stavanger gothenburg uppsala linkoping malmo espoo tampere turku oulu haifa ramat gan "
    "raanana petah tikva netanya brisbane perth adelaide canberra hobart christchurch penang kuala lumpur "
    "jakarta manila makati bangkok hanoi saigon taipei seoul osaka kyoto shenzhen hangzhou guangzhou "
    "chennai pune noida gurgaon gurugram kolkata ahmedabad jaipur kochi karachi lahore colombo dhaka "
    "paulo janeiro belo horizonte curitiba porto alegre florianopolis recife bogota medellin lima "
    "santiago buenos aires montevideo quito guadalajara monterrey cairo lagos nairobi johannesburg "
    "pretoria casablanca istanbul ankara izmir riyadh jeddah doha"
)
"""Words of place names that are too many, or too ordinary, to be taken off any name: a coined one only."""

AREAS = word_set(
    "europe european emea apac amer america americas americana asia pacific international intl global "
    "worldwide nordics nordic benelux dach iberia latam uk us usa eu gb united states kingdom ireland "
    "germany deutschland france netherlands nederland belgium switzerland schweiz suisse austria osterreich "
    "oesterreich sweden sverige norway norge denmark danmark finland suomi spain espana italy italia "
    "portugal poland polska czech estonia lithuania latvia luxembourg cyprus malta canada australia "
    "singapore israel india brazil brasil mexico japan china turkey greece chile peru taiwan ukraine vietnam "
    "anz north south middle east"
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
        "microsoftteamsecosytem",
    ]
)
"""Publishers an identity provider puts on its own catalogue entries; they say nothing about the maker."""

NEUTRAL_DOMAINS = word_set(
    "okta.com oktapreview.com okta-emea.com onelogin.com microsoftonline.com windows.net auth0.com "
    "gmail.com googlemail.com outlook.com hotmail.com icloud.com localhost example.com example.org "
    "googleusercontent.com chrome.google.com apps.apple.com"
)
"""Sign-in, mail and store hosts that stand beside any application and name the maker of none."""
