"""Words that say whose tool it is: departments, ledger accounts, and what products call themselves.

Data only. A term of several words is written with dashes (`social-media`); it is met written apart, with
a dash or glued. Accents are left out, since texts are compared without them, and a plural that only adds
an "s" need not be listed.
"""

from app.identify.words import word_set

MARKETING_TEAMS = word_set(
    # English
    "marketing brand branding communication comms pr public-relation advertising advertisement growth "
    "content social social-media demand demand-gen demand-generation event creative ecommerce e-commerce "
    "digital campaign crm seo sem media paid-media paid-social acquisition user-acquisition "
    "customer-acquisition creative-service community sponsorship influencer newsroom press-office lifecycle "
    "martech cmo web-team "
    # German, also as parts of compounds (`Marketingabteilung`, `Unternehmenskommunikation`)
    "kommunikation unternehmenskommunikation markenkommunikation werbung werbe offentlichkeitsarbeit "
    "oeffentlichkeitsarbeit pressestelle presse medien marke marken markenfuhrung veranstaltungen kampagnen "
    "onlinemarketing produktmarketing "
    # French
    "publicite marque evenementiel evenement contenu mediatique relations-presse relations-publiques "
    # Spanish, Portuguese, Italian
    "mercadotecnia mercadeo comunicacion comunicaciones publicidad marca contenidos prensa medios "
    "comunicacao publicidade conteudo imprensa marchio comunicazione pubblicita promozione contenuti "
    "ufficio-stampa redes-sociales redes-sociais "
    # Dutch, Scandinavian, Polish, Finnish, Czech
    "communicatie reclame merk marcom voorlichting evenementen marknadsforing markedsforing markedsfoering "
    "kommunikasjon markkinointi viestinta komunikacja reklama promocja komunikace "
    # Japanese, Chinese
    "マーケティング マーケティング部 広報 広報部 市场部 市場部 营销部"
)
"""Words of marketing departments; a word of another department beside them takes it back."""

OTHER_TEAMS = word_set(
    # English
    "engineering engineer development developer software-development devops sre platform infrastructure "
    "architecture qa quality testing it ict technology tech technical system systems security "
    "information-security legal law compliance privacy risk audit finance financial accounting controlling "
    "treasury tax payroll hr human-resource people talent recruiting recruitment workforce culture learning "
    "procurement purchasing sourcing supply supply-chain logistics warehouse fleet shipping production "
    "manufacturing plant factory facilities facility maintenance support service helpdesk customer-support "
    "customer-service customer-success field-service data data-science analytics-engineering research "
    "r-and-d laboratory lab medical clinical science product operations office administration investor "
    "workplace transformation planning moderation telecommunication unified voice network mechanical "
    "electrical hardware firmware robotics safety social-service social-work welfare internal-audit "
    "real-estate "
    # German
    "entwicklung technik technologie edv informatik systemadministration recht rechtsabteilung datenschutz "
    "finanzen finanz buchhaltung rechnungswesen steuern personal personalabteilung personalwesen einkauf "
    "beschaffung logistik lager produktion fertigung qualitat qualitatssicherung kundendienst kundenservice "
    "kundenbetreuung verwaltung forschung labor instandhaltung arbeitssicherheit revision soziales "
    # French
    "informatique ingenierie developpement juridique droit comptabilite finances fiscalite "
    "ressources-humaines rh paie recrutement achat logistique entrepot usine qualite service-client "
    "recherche administratif dsi "
    # Spanish and Portuguese
    "ingenieria desarrollo sistemas tecnologia informatica juridico juridica legales contabilidad finanzas "
    "fiscal recursos-humanos rrhh nominas compras logistica almacen produccion calidad soporte "
    "atencion-al-cliente investigacion administracion engenharia desenvolvimento financas financeiro "
    "contabilidade suporte producao qualidade administracao pesquisa "
    # Italian
    "ingegneria sviluppo sistemi legale contabilita amministrazione finanza risorse-umane acquisti "
    "magazzino produzione qualita assistenza ricerca tecnico "
    # Dutch
    "techniek ontwikkeling automatisering juridische juridische-zaken financien boekhouding personeelszaken "
    "inkoop logistiek magazijn productie kwaliteit klantenservice onderzoek "
    # Scandinavian and Polish
    "ekonomi juridik inkop personalavdelning utveckling okonomi ksiegowosc kadry prawny finanse informatyka"
)
"""Words of departments that are not marketing's."""

SALES_TEAMS = word_set(
    "sales sdr bdr revenue-operations account-management business-development vertrieb aussendienst ventes "
    "commercial commerciale comercial ventas vendas vendite verkoop forsaljning salg sprzedaz"
)
"""Words of sales departments: not marketing's, yet much of what they use is counted among its tools."""

TEAM_FILLERS = word_set(
    "abteilung team teams leitung bereich gruppe referat stabsstelle online produkt unternehmens konzern "
    "event digital direktion afdeling avdelning"
)
"""What departments' names are glued with (`Marketingabteilung`)."""

ACCOUNTS = word_set(
    # English
    "advertising advertisement advert ad ads marketing promotion promotional promo pr public-relation media "
    "brand branding campaign seo sem ppc sponsorship sponsoring trade-show tradeshow exhibition webinar "
    "influencer newsletter social-media content-marketing lead-generation lead-gen martech publicity "
    "media-relation "
    # German; the names of SKR03 (46xx) and SKR04 (66xx)
    "werbung werbe werbekosten werbeaufwand werbeaufwendungen werbemittel werbeanzeige werbeanzeigen "
    "anzeigen anzeigenkosten inserat inserate streuartikel messe messen messekosten messeaufwand kampagne "
    "kampagnen marketingkosten offentlichkeitsarbeit oeffentlichkeitsarbeit markenpflege "
    # French; the names under 623 of the general chart
    "publicite pub publicitaire annonce insertion foire exposition mecenat parrainage relations-publiques "
    "relations-presse catalogue "
    # Spanish and Portuguese
    "publicidad publicitario publicitarios propaganda mercadotecnia mercadeo relaciones-publicas patrocinio "
    "ferias promocion promociones anuncio publicidade promocao relacoes-publicas anuncios marketing-digital "
    # Italian
    "pubblicita pubblicitario pubblicitarie pubblicitari promozione promozionale promozionali fiere "
    "sponsorizzazione sponsorizzazioni "
    # Dutch
    "reclame reclamekosten advertentie advertentiekosten marketinguitgave promotiekosten beurskosten beurs "
    "sponsorkosten "
    # Scandinavian, Polish, Finnish, Czech
    "reklam reklame reklama annons annonsering annoncering marknadsforing markedsforing promocja "
    "markkinointi reklamkostnader propagace"
)
"""Words of ledger accounts and expense categories for marketing."""

WEAK_ACCOUNTS = word_set(
    "event market-research marktforschung etude-de-marche communication kommunikation comunicacion "
    "comunicacao comunicazione communicatie photography creative design giveaway merchandise branded-goods "
    "survey printing drucksachen werbegeschenk evento veranstaltung veranstaltungen evenement"
)
"""Words of accounts that lean to marketing."""

OTHER_ACCOUNTS = word_set(
    # English
    "payroll wage salary salaries hr human-resource recruiting recruitment staffing legal law engineering "
    "hosting infrastructure rent lease insurance travel flight hotel lodging mileage fuel meal "
    "entertainment catering training education accounting bookkeeping audit tax taxes utilities electricity "
    "security telecom telecommunication telephone phone internet development research-and-development "
    "r-and-d postage courier shipping freight office-supplies office-supply office stationery furniture "
    "facilities cleaning repair maintenance medical health benefit it-service it-security it-cost it-kosten "
    "computer vehicle parking bank-fee bank-charge "
    # German
    "lohn lohne loehne gehalt gehalter gehaelter lohnkosten personalkosten reisekosten reise bewirtung "
    "bewirtungskosten miete mieten mietwagen versicherung versicherungen steuer steuerberatung "
    "steuerberatungskosten buchfuhrung buchfuehrungskosten buchfuhrungskosten rechtsberatung "
    "rechtsberatungskosten porto telefon telekommunikation strom burobedarf buerobedarf bewachung reinigung "
    "fortbildung fortbildungskosten schulung kfz kfzkosten edv edvkosten gebuhren gebuehren abgaben "
    "instandhaltung benzin spende "
    # French
    "salaire paie loyer assurance deplacement voyage comptable juridique "
    "telecommunications entretien formation fournitures carburant affranchissement impot electricite repas "
    "recrutement hebergement "
    # Spanish and Portuguese
    "nomina sueldo alquiler seguro viaje dieta asesoria contabilidad suministros telefonia formacion "
    "combustible impuesto salario folha aluguel aluguer viagem viagens contabilidade honorario juridico "
    "energia imposto treinamento recrutamento "
    # Italian
    "stipendi stipendio affitto assicurazione assicurazioni viaggio trasferta consulenza-legale contabili "
    "contabile utenze formazione carburante imposte paghe "
    # Dutch
    "lonen salarissen huur verzekering verzekeringen reiskosten administratiekosten juridische "
    "accountantskosten telefoonkosten opleiding opleidingskosten brandstof kantoorkosten porti "
    "personeelskosten "
    # Scandinavian, Polish
    "hyra resor loner husleie lonn rejser forsikring wynagrodzenia czynsz podroze ksiegowosc"
)
"""Words of ledger accounts and expense categories that are not marketing's."""

STRONG_TERMS = word_set(
    # English
    "marketing marketer advertising advertiser advertisement abm account-based-marketing ads adtech martech "
    "seo sem serp ppc cpc cmo newsletter influencer affiliate retargeting remarketing hashtag backlink "
    "link-building keyword keyword-research social-media social-post social-listening media-buying "
    "media-monitoring media-planning media-kit press-release public-relation campaign landing-page "
    "landingpage lead-gen lead-generation demand-gen demand-generation email-blast mail-blast "
    "email-marketing email-campaign cold-outreach drip-campaign content-marketing content-calendar ad-spend "
    "ad-creative ad-copy ad-campaign ad-network ad-server google-ads facebook-ads meta-ads display-ads "
    "search-engine-optimization search-engine-marketing utm adwords ugc user-generated-content link-in-bio "
    "social-proof marketing-automation tag-manager multi-touch-attribution advertorial dooh ctv paid-search "
    "paid-social rank-tracking rank-tracker brand-monitoring shopping-ads programmatic media-relation "
    "adserver adspend direct-mail promo-code growth-hacking social-scheduler link-tracking "
    "customer-data-platform sponsored schedule-post publish-post post-scheduler post-scheduling "
    "display-banner banner-ad digital-asset-management brand-asset brand-guideline lead-magnet lead-capture "
    "lead-form journalist media-coverage media-list press-kit share-of-voice employee-advocacy "
    "referral-program mailing-list mass-email bulk-email autoresponder roas cpm bid-management rtb "
    "incrementality brand-lift geotargeting out-of-home domain-authority google-business-profile "
    "google-analytics google-tag-manager search-console review-management media-spend media-plan "
    "content-plan editorial-calendar go-to-market "
    # German
    "werbung werbe werbeanzeige werbeanzeigen anzeigenschaltung werbeplanung kampagne kampagnen zielgruppe "
    "zielgruppen rundbrief suchmaschinenoptimierung suchmaschinenwerbung pressearbeit offentlichkeitsarbeit "
    "markenfuhrung markenkommunikation werbemittel mediaplanung onlinemarketing "
    # French
    "publicite publicitaire campagne-publicitaire infolettre relations-presse referencement "
    "referencement-naturel reseaux-sociaux veille-media campagne emailing "
    # Spanish and Portuguese
    "publicidad publicitario publicitaria mercadotecnia mercadeo boletin boletines redes-sociales "
    "posicionamiento-web publicidade redes-sociais midia-paga campana campanha afiliado divulgacao "
    # Italian
    "pubblicita pubblicitario pubblicitaria pubblicitari pubblicitarie campagna campagne-pubblicitarie "
    "inserzione inserzioni "
    # Dutch, Scandinavian, Polish
    "reclame nieuwsbrief nieuwsbrieven advertentie zoekmachineoptimalisatie sociale-media reklam reklama "
    "reklame marknadsforing markedsforing nyhetsbrev nyhedsbrev kampania kampanj"
)
"""Words with which a product says that it is for marketing."""

WEAK_TERMS = word_set(
    # English
    "ad advert brand branded branding social creator audience popup pop-up webinar instagram tiktok "
    "linkedin facebook youtube pinterest snapchat whatsapp promo promotion coupon giveaway contest "
    "sweepstake sponsorship sponsor testimonial referral loyalty copywriting copywriter headline blog "
    "blogging podcast lead attribution conversion conversion-rate funnel ab-testing split-test engagement "
    "pixel banner publisher viral outreach impressions trade-show tradeshow booth swag merchandise demand "
    "media press reputation rank ranking traffic web-analytics product-feed catalog storytelling content "
    "reach competitor-analysis deliverability google-ad event-marketing sms-campaign tagging dmp cdp "
    "clickthrough newsroom followers trending reel shoppable heatmap session-recording customer-journey "
    "personalization quiz virtual-event event-registration market-research sentiment-analysis ambassador "
    "billboard stock-photo logo infographic gif meme caption online-review email-template email-builder "
    "subscriber opt-in dsp ctr page-builder cms product-launch customer-engagement web-push brand-kit "
    "visual-content "
    # other languages
    "marke marken anzeige anzeigen messe reichweite medien marque medias evenementiel marca medios anuncio "
    "contenidos conteudo midia merk bereik concours visibilite visibilidad visibilita comunicazione "
    "comunicacion comunicacao communicatie kommunikation seguidores sorteo promozione promocion promocao"
)
"""Words that lean to marketing and stand in other products too."""

OTHER_TERMS = word_set(
    # people
    "payroll hr hris human-resource recruiting recruiter recruitment social-recruiting ats "
    "applicant-tracking talent-acquisition timesheet time-tracking absence onboarding employee "
    "employee-engagement benefit workforce shift-planning performance-review compliance-training "
    # engineering and IT
    "devops ci cd cicd continuous-integration kubernetes docker database sql git code-review source-code "
    "vpn firewall backup antivirus endpoint-security password password-manager helpdesk help-desk "
    "service-desk monitoring-agent log-monitoring observability incident incident-response on-call "
    "vulnerability pentest siem secrets-management identity-management single-sign-on mfa ldap "
    "active-directory azure-ad ad-connect ad-sync adfs device-management mdm infrastructure "
    "infrastructure-as-code hosting server issue-tracker debugging compiler api-testing unit-test "
    "cloud-storage data-warehouse etl ad-block ad-blocker ransomware network-monitoring bug-tracking "
    "remote-desktop patch-management endpoint encryption malware phishing proxy feature-flag ssh "
    "asset-tracking "
    # money and law
    "accounting bookkeeping invoice invoicing expense expense-report treasury tax ledger procurement "
    "purchase-order billing legal law lawyer attorney contract contract-lifecycle case-law compliance "
    "e-signature esignature electronic-signature insurance banking mortgage social-security data-protection "
    "account-payable accounts-payable accounts-receivable cash-flow reconciliation corporate-card "
    "spend-management litigation e-discovery patent erp "
    # work with customers, sales, places and goods
    "ticketing fleet-tracking warehouse-management supply-chain work-order cad laboratory meeting-room "
    "hotel restaurant airline business-travel flight desk-booking visitor-management field-service "
    "leave-management patient airport taxi parking catering clinic hospital pharmacy dental school "
    "university kindergarten "
    # German
    "lohn lohnabrechnung gehaltsabrechnung zeiterfassung personalverwaltung buchhaltung rechnung rechnungen "
    "steuer steuerberatung recht rechtsanwalt datenschutz arbeitssicherheit netzwerkmonitoring versicherung "
    "immobilien bewerbermanagement datensicherung arzt klinik anwalt "
    # French
    "paie comptabilite compta facture facturation juridique recrutement ressources-humaines assurance achat "
    "notaire avocat "
    # Spanish, Portuguese, Italian
    "nomina nominas contabilidad factura facturacion impuesto juridico recursos-humanos mesa-de-ayuda "
    "seguro folha-de-pagamento contabilidade imposto fattura fatturazione fatturazione-elettronica "
    "busta-paga buste-paga contabilita risorse-umane abogado avvocato "
    # Dutch
    "boekhouding boekhoud boekhoudsoftware salarisadministratie verlofregistratie juridische factuur "
    "personeelszaken belasting verzekering"
)
"""Words with which a product says that it is for something else."""

WEAK_OTHER_TERMS = word_set(
    "calendar meeting video-meeting wiki documentation team-chat note-taking meeting-notes spreadsheet "
    "project-management issue agile sprint whiteboard developer code-editor deployment okr lms e-learning "
    "travel attendance cloud-cost server-cost customer-support support-ticket inventory warehouse "
    "manufacturing board-portal signature training learning security network technician vehicle job jobs "
    "career careers einkauf schulung gestion-des-achats statistical"
)
"""Words that lean to something else."""


FILLERS = word_set(
    # what tools are called besides
    "tool tools toolkit toolbox kit pro hub hq lab labs flow wise ly ify iq io ai app apps desk base box "
    "bot bots cloud data metrics stats report reports tracker monitor manager manage management studio "
    "works factory forge craft maker builder planner plan planning pilot pulse spark boost booster rocket "
    "wave stream loop link links expert experts guru genius master masters ninja wizard hero engine machine "
    "system systems suite central centre center command control cockpit dashboard insight insights "
    "intelligence intel analytics analyzer audit auditor checker check finder search seek scan scanner "
    "automation auto agent agents assistant copilot coach guide school academy agency company group team "
    "people digital online web site page pages mail email inbox sms text video photo image design designer "
    "editor writer write creator create generator gen software solutions service services tech technology "
    "platform network networks exchange market marketplace store shop commerce partner partners club world "
    "city land zone space place way path road route map point spot line lines side house home room garden "
    "kitchen bakery office street bridge gate door window tower wall floor deck dock port harbor harbour "
    "yard park field farm mill forest "
    # what they do
    "reach blast grow growth make send sender find build run fly jump play share get go use try see view "
    "watch ask tell talk say speak call meet match mate join connect connector sync feed fuel lift raise "
    "rise scale shift switch turn drive ride race push pull catch grab hunt hunter chase win winner score "
    "scout spy lens scope vision eye "
    # qualities
    "my the our your one all up now next new first top best better good great super mega ultra hyper max "
    "smart easy fast quick rapid instant simple pure true real clever happy lucky bright clear open free "
    "live local global direct perfect magic power prime plus extra total full fresh facile agil agile libre "
    # beasts, plants, sky and colours
    "bird fox owl bee ant cat dog lion tiger panda bear wolf monkey koala hawk eagle falcon raven otter "
    "beaver heron goose duck swan parrot squirrel whale shark fish dolphin dragon unicorn rhino zebra "
    "elephant hippo buffalo horse pony goat mole badger lynx kite sparrow pelican penguin octopus spider "
    "tree leaf root seed sun moon star stars sky rain river lake sea ocean hill peak summit mountain stone "
    "rock fire flame light ice snow storm thunder wind gold silver diamond ruby red blue green orange "
    "purple pink black white grey "
    # words of trade in other languages
    "held helden meister fuchs wijzer meter planer werk werkstatt portal zentrale plattform agentur buro "
    "kosten kostenstelle aufwand aufwendungen ausgaben uitgaven uitgave software pilota facil rapide direct "
    "simple zen clair futur plan"
)
"""Words that names are glued with (`adreach`, `seotoolkit`); they say nothing themselves."""

ORDINARY = word_set(
    "socially brandnew adblue adhoc adlib adrock advent adstock contentful seoul leadwerks mediatek "
    "medialab airtable rankine contactless prospect campaigner hotelier invoiceable reached preach"
)
"""Names and words that only look glued."""

SHORT_PARTS = word_set("ads seo sem ppc utm ugc vpn sql abm")
"""Terms of three letters that names are glued with; other short ones are met on their own only."""

STATEMENT_WORDS = word_set("bill billing invoice invoices")
"""Words of the payment on a statement line; they say nothing about what was bought."""
