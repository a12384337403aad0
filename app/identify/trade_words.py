"""Words of the software trade: what its products and their parts are called, and how each kind is told.

They are read in labels only. On a statement line many of them are a trade of their own (`ZENITH TAX`).
"""

from app.identify.words import word_set

PART_WORDS = (
    word_set(
        # what makers call the parts and the grades of a product
        "analytics insights reporting console dashboard portal tenant workspace actions destination "
        "destinations grid help licensed mode "
        "radius staff status token "
        "academy activate advisor advisors agent agents answers anywhere app application applications apps "
        "assist autopilot base broker central certificate certificates cli client codes command companion "
        "core copilot copilots dashboarding discover dxm dxp engage engine engines entitlements environment "
        "everywhere exchange exchanges explore express federation flow flows framework frontend fusion "
        "gateway gateways graph guides handoff hosted hybrid index infrastructure insider inspector instance "
        "instances journey journeys launchpad layer learn lite live marketplace max micro moderation modeler "
        "navigator node nodes now offline onboarding ondemand operating optimize orchestration orchestrator "
        "package packages path pipelines portals prime private program public publish pulse relay remote "
        "repository runtime sandboxes scorecard sdk seats servers share side skills spaces stack staging "
        "standalone studio studios success telemetry terminal toolbox toolkits topics university vault "
        "vaults version views vision works workbench workforce workforces workload workloads workspaces"
    )
    | word_set(
        # what kind of software it is, or what it works on
        "abx accessibility accounting accounts apm ats auth authentication authorization awareness backend "
        "backup benefits bi billing bpm byod cad calling casb ccaas cdn chatops chatgpt ci clm cmp cms "
        "cmdb cobrowse code codes coding collaborative comms competitive compensation compliance computing "
        "connection connections "
        "contextual cpaas cpq crm csm cyber cybersecurity dam datacenter debugging deep deliverability "
        "dependency deploy deployment developer developers device devices devops dictation directory dlp dms "
        "dns dsp edi edr elearning embedded employee employees endpoint endpoints enrollment erp esg esign "
        "esignature etl experimentation exposure fax federated firewall fleet forecasting forwarding "
        "geofencing "
        "geolocation governance grc hcm helpdesk hire hiring hr hris hrm hrms iam ide identities inbound "
        "incident incidents infra intel inventory invoicing ip iot itsm kb kubernetes lms localisation "
        "localization logging login logins logs machine mdm merchandising mfa migration ml mobility model "
        "msp navigation observability offboarding onprem optimised outbound password payroll pdf "
        "permissions pim pki playbooks plm pms pos powerpoint sharepoint onenote prevention procurement "
        "programmatic protection "
        "provisioning proxy psa ratings realtime recognition recommendations reconciliation recruit "
        "recruiter recruiting recruitment reader redaction remediation replay replication repo requisitions "
        "retention revenue risk rmm rpa saas sase scheduling scim sdk security self servicing "
        "siem signing simulation sis soar soc source sourcing sql ssl ssp ssl supplier suppliers supply "
        "support survey syndication tax taxes telephony tenant threat threats timesheet timesheets tms "
        "tokens transactional transfer troubleshooting typing ucaas ui usability ux vdi vendor vendors "
        "verification vms voip vpn vulnerability wan warehouse wfm wifi wiki wms xdr"
    )
    | word_set(
        # who uses it in a company, and where
        "admins administrator administrators advertisers buyers comms companywide contractor contractors "
        "corp corporate department dept division ecommerce engineering enterprisewide external finance "
        "freelance group headquarters hq hr intern internal it legal marketer members operations ops "
        "organisation organization org people prospects publishers recruiters region regional resellers "
        "revops salesforce secops seller sellers subsidiary"
    )
)
"""Beside `DESCRIPTIVE`: what may stand behind a coined name in a label and leave it that product."""

BUSINESS_WORDS = word_set(
    # the trades it is made for
    "agriculture airlines automotive aviation b2c banking biotech broadcast broadcasters broker brokers "
    "brokerage charities clinical clinics construction credit unions dealer dealers dealership "
    "dealerships distributors energy estate fintech franchise franchises franchisees government "
    "groceries grocery healthcare higher hospitality hospitals insurance insurers investors k12 lawyers "
    "lenders lending life manufacturing merchants mortgage nonprofit pharma pharmacies property public "
    "realtors restaurants retailers sciences sector telecom telecoms tourism transportation universities "
    "utilities wealth "
) | word_set(
    # what else makers call parts of it, and labels say of a part
    "acceleration accelerator activity adapter adapters administration advertiser advisory advocacy "
    "alignment allocation appointment appointments arts artwork assessment assessments assignment "
    "assignments attendee attendees authoring back badge badges batch billing biz blueprint blueprints "
    "briefs bulletin bundle careers carousel case cases certification checklists coach coaching "
    "cobranded cohorts collections commission commissions compensation competitor configurator "
    "conferencing congress consoles correspondence course courses coverage cti customization datasets "
    "debrief decisioning decisions delegate delegation delegates demand desk desktop desktops "
    "directories disputes documentation donations drafts eligibility emailing entity envelope estimates "
    "estimating evaluation exam exams executive exhibitor exhibitors expenses explainers fax feeds field "
    "fields filings fillable filter filters fleet folders forum forums fulfilment fundraising gallery "
    "gamification general glossary goals granular grants guest guests guideline guidelines headless "
    "heatmapping hiring hosted household hubs icon icons ideas ideation idp import imports individual "
    "inquiries interviews inventory investor issue issues itinerary job jobs kanban kiosk kpi kpis lab "
    "labs labeling ledger legacy letter letters licensing line lines linking location locations "
    "logistics lookalike loop macro macros mailbox mailer matching materials matrix media member "
    "membership memberships mentoring merge microsite microsites migration mobile moment moments "
    "motivation multichannel multilingual music native negotiation networking newsroom nurture "
    "objectives obligations observation okrs omni one op opportunities option options orchestrate "
    "organizer origination outbound outcome outcomes packaging paid parking participant participants "
    "patient patients paywall paywalls peer personas physical pitch policies policy pool positioning "
    "preference preferences pricing prioritization privileged procedures procurement productions promo "
    "promos promote promotion promotions proof proofing proofs properties protect provider providers "
    "purchase purchasing qualification query questions queue queues quota quotas quoting rates reader "
    "readiness rebates records registrations registry regulatory rehearsal releases rental rentals "
    "renewals repair reports reservation reservations responder reusable rights room rooms rotation "
    "routing rules safety sample samples satisfaction scan scans scenario scenarios scheduler schema "
    "scoring screening script scripts segments selector self series settings shared shipment shipments "
    "shoppable sites smart snippets socials sponsor sponsors sponsorship spot spots standard statistics "
    "stock strategy streams structured studies study subscribers suggestions surveying switch tables "
    "tagging talent target teaching teams technical territories territory themes thread threads tiers "
    "timeline timelines tooling touch touchpoints tour tours trade trainer trainers transactions trees "
    "trigger triggers triage tutor tutoring unit units upskilling usecase vendors venue venues vertical "
    "virtual vision visits voting waitlist wallboard warehousing webcast webcasts webhooks window "
    "academic absence acquisition adaptive advance advice amp ams analyze analytix apis architect artwork "
    "associates attack attendance auto automate backstage behavioral bid bill bnpl book books bots "
    "build buildings button campus capi captcha cards cart cast chain chapter check checklist classroom "
    "cleaner cmms cockpit collect color commercial communities complete composable computer conference "
    "connected connectivity consumer controls convert create crowd css currency custom cxm databases "
    "decision deck defense demo designer dialer direct director dynamic ecm economics ediscovery edu "
    "effect ehr ehs elements emr encryption eor epm equity evolution expert extended fabric families "
    "feature financial financials flag forecast forensics frame fraud function functions fund future "
    "gadget gdpr gifting gifts gov gps grader grow gtm hashtags human idea impact incentives industries "
    "informatics information innovation innovations integrator integrity interfaces isolation journal key "
    "label launch leave lifecycle lightning lims linux listings load locker logic logix loss manage "
    "managed maps match math mcp measure mechanical mediation merch merchant messenger mis "
    "networks newswire notebook notify ocr oms outdoor pack packs paper pay perform personalize "
    "phone places plans platforms playground plugins portfolio portfolios posture ppm practice predict "
    "predictive presence price privilege prm profiler programs project promoted proxies quality recovery "
    "relationship release repeat replies reporter repricer request requirements resolve responses results "
    "resume retirement reverse rfp roadmaps robot roster route scale schedule science scraper secrets "
    "select sense serve sheet shifts shopper signal signals slider sms speed sponsored static stores "
    "student targeted tech technology translate treasury tunnel typography visibility waf wireless write "
    "zone "
    "windows workbook workbooks worksheet worksheets workstation workstations xapp yield "
)
"""Beside `PART_WORDS`: what may stand in a label behind a coined name, and behind no other."""

BILLED_WORDS = word_set(
    # what a bill for software counts, and what the grades of it are called
    "advantage compute credits creator dev essential growth infra lic lics lite mvp seats seat unlimited "
    "active cluster clusters consumption licensing paid program sw "
    "usage user users viewer prof professional enterprise starter std tier qty addl overage overages "
    # how printers of bills shorten words
    "acct admin analyt auto comm comms ctr deliv dev devt exp integ mgmt mgr mgt mngmt mktg mkt msg msgs ops "
    "perf prod proj rpt rpts sched sec softw subs svc svcs sys tech trng util "
    # what kind of software it is
    "access api apm awareness ats cdn chatbot clm cmdb compliance conferencing cpq crm csm dam dlp edr "
    "endpoint eor erp esign esignature etl hcm helpdesk hris iam idp incident incidents infrastructure itsm "
    "lms logs mdm mfa "
    "observability pbx pim protect remote rmm rpa saas siem sso telephony threat ticketing transactional "
    "ucaas voip vpn webinar workforce "
    "assoc electronic emarketing networks srvc srvcs voice workspace workspaces "
    "autorenew balance certification membership memberships prorated proration recharge renew topup upgrade "
    "upgrades"
)
"""Beside `DESCRIPTIVE`: what may stand behind a coined name on a statement line; none is a shop's trade."""

AREA_WORDS = {
    "hr": word_set("ats hcm hr hris hrm hrms onboarding payroll recruiting recruitment"),
    "finance": word_set("accounting ap billing erp expense expenses invoicing payroll spend"),
    "security": word_set(
        "backup casb dlp edr endpoint firewall iam identity mfa passwords protection secure security siem "
        "vpn xdr"
    ),
    "infrastructure": word_set(
        "backup cdn cloud dns helpdesk hosting itsm monitoring rmm server servers vpn"
    ),
    "engineering": word_set("alerts api ci code devops observability testing"),
    "productivity": word_set("calendar docs notes pdf tasks wiki"),
    "learning": word_set("elearning lms"),
    "legal": word_set("clm contracts esign esignature"),
    "communications": word_set("calling contact meetings messaging phone telephony voice voip"),
    "ai": word_set("ai"),
    "logistics": word_set("shipping tms wms"),
    "travel-and-office": word_set("expense expenses travel"),
    "design-and-engineering": word_set("cad plm"),
    "construction-and-real-estate": word_set("bim"),
    "data-engineering": word_set("data etl pipelines sql warehouse"),
    "retail-and-hospitality": word_set("pms pos"),
    "health": word_set("ehr emr"),
    "DA-ATTR": word_set("attribution mmm mta"),
}
"""The words by which products outside the marketing landscape are told, by category; see `Category.words`."""

ACRONYMS = word_set(
    "ats bim casb clm edr ehr emr etl hcm hris hrm hrms itsm lms mmm mta plm siem tms wms xdr"
)
"""Of the words of an area, those that are neither language nor a company's own plant: one is enough."""

DEPARTMENTS = word_set(
    "app corp corporate eng engineering external finance global group hr internal it legal marketing mktg "
    "my new ops "
    "our sales team the"
)
"""What a company puts before the name of a product that one of its parts uses (`Marketing Acmely`)."""

PORTAL_NAMES = word_set(
    "aha astronomer box canto carta claude coda cursor discourse dovetail envoy gong greenhouse gusto "
    "honeybadger honeycomb ironclad jellyfish jenkins kayako lattice lever loom missive moo mural obsidian "
    "pantheon "
    "plaid quip ramp raygun samsara sentry shortcut sketch storybook stripe swagger telegram teleport "
    "tenable thunderbird twitch vena whimsical wiz"
)
"""Words, and yet the names by which nearly everybody at work means the one product: enough as a whole label.

Left out is what companies call their own projects, departments and offices by, and first names.
"""

PROJECT_NAMES = word_set(
    "apollo aspire atlas attest augure aurora basis beacon beacons bird branch bridge cascade census chronos "
    "circle clay coach compass conductor cordial delta echo emma epsilon falcon fedora flourish flywheel "
    "funnel fusion gamma genesis harbor helix horizon hunter impact infinity insider iris jasper "
    "juno jupiter "
    "kaleido kit klaus later lighthouse lucid luma luna lyro magnolia make melissa mention mercury "
    "mindful mode "
    "monday mosaic nexus nova orion outreach paladin panoply periscope phoenix piano pilot postal prism "
    "prolific pulse reach receptive reply reputation riverside sanity saturn sigma singular smartly spark "
    "sprout square stitch streak summit suzy tandem tango teamwork terminus titan transcend tremor tune "
    "umami unruly validity recharge megaphone snappy vega vend vertex vine vista welcome wingman "
    "writer zenith"
)
"""First names, stars, gods, and the words by which companies call projects and services of their own."""

SHOP_WORDS = word_set(
    "ceramica ceramicas ceramiche keramik family "
    "tandarts sklep kwiaciarnia tandlakare tandläkare frisor frisör autoservis lekarna lékárna "
    "restaurace ravintola bageri eczane kuafor kuaför lokanta padaria libreria papeleria lavanderia "
    "taverna enoteca massage dental karate kosmetika kadernictvi kadeřnictví potraviny pekarna pekárna "
    "cukrarna kavarna kavárna hospoda hostinec pivovar vinoteka rybarna reznictvi kvetinarstvi "
    "stomatologia apteki warzywa piekarnia cukiernia restauracja fryzjer hurtownia kauppa apteekki "
    "leipomo kukkakauppa parturi kampaamo blomster bager slagter apotek tandlaege tannlege frisersalong "
    "fiskebutik livs livsmedel bakeri drogeria sahaf market pastane firin kasap berber dukaan dukan "
    "kirana mandir heizung sanitaer sanitär klempner schreinerei tischlerei malerbetrieb dachdecker "
    "steinmetz glaserei schlosserei elektro installateur gaertnerei gärtnerei fahrschule tanzschule "
    "musikschule reinigung waescherei wäscherei schneiderei juweliere goldschmied fleurop charcuterie "
    "poissonnerie epicerie épicerie plombier menuiserie serrurier carrosserie pressing tabacchi "
    "salumeria pescheria ortofrutta idraulico falegnameria parrucchiere estetica zapateria ferreterias "
    "fruteria pescaderia charcuteria fontaneria carpinteria autoescuela barberia acougue talho "
    "ourivesaria cabeleireiro oficina mercearia supermercado supermarkt supermarket supermarche "
    "hypermarche restaurante restaurant ristorante trattoria osteria brasserie bistro gasthaus gasthof "
    "hotel hostal hostel motel pension bar pub cafe caffe kaffee cafeteria grill diner eatery burger "
    "kebab sushi panaderia panificio boulangerie patisserie baeckerei backerei bakkerij konditorei "
    "pasticceria gelateria eis metzgerei fleischerei carniceria boucherie slager macelleria farmacia "
    "pharmacie apotheke apotek apteka pharmacy drogerie parfumerie friseur coiffure coiffeur kapper "
    "peluqueria barbier barber salon nails wellness fitness gym yoga pilates sauna kiosk tabac tabacchi "
    "estanco mercado mercato markt marche bazaar tienda negozio butik boutique laden winkel shoes schuhe "
    "zapatos chaussures scarpe mode moda fashion jewelry juwelier joyeria bijouterie lens lenses eyewear "
    "glasses optik optica opticien blumen fleurs flores florist ferreteria bricolage baumarkt moebel "
    "mobel muebles meubles tankstelle gasolinera benzin petrol fuel garage autohaus taller werkstatt "
    "officina carwash taxi parking parkhaus parcheggio bahn bus reisen viajes voyages viaggi arzt "
    "zahnarzt praxis dentista dentiste dentist clinica klinik clinique hospital vet tierarzt schule "
    "escuela ecole kita garten jardin immobilien inmobiliaria immobilier construction bau plumbing "
    "roofing lawn wholesale butcher shop shops store grocery groceries market church iglesia parish "
    "museum theater theatre cinema kino foundation charity brewery brewing winery wines vineyard pizza "
    "pizzeria taqueria tacos donuts bakery cakes candy toys games golf tennis soccer ski surf bike bikes "
    "cycles hardware lumber furniture antiques pawn tattoo laundry cleaners dry farm farms ranch "
)
"""What shops of all trades call themselves: beside one of them a name is theirs, however coined it is."""

SHOP_SIGNS = tuple(
    word_set(
        "カフェ レストラン ラーメン 食堂 居酒屋 美容 薬局 書店 商店 ヨガ ホテル 旅館 病院 歯科 クリニック "
        "酒店 餐 咖啡 超市 药店 药房 藥局 饭店 飯店 식당 카페 치킨 호텔 병원 약국 미용 อาหาร โรงแรม คาเฟ "
        "مطعم صيدلية مقهى فندق מסעדה קפה מלון კაფე რესტორანი"
    )
)
"""The same in scripts that put no spaces between words: one of these anywhere in a word is enough."""
