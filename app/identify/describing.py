"""The words that describe what software does: behind a product's name they are no other product's name."""

from app.identify.words import EDITION, ENVIRONMENT, PROTOCOL, REGION, word_set

LISTED = word_set(
    "bundle bundles cross ctr dropshipping duties duty exchanges faq faqs fulfillment labels mgmt "
    "mgt mktg mkt pop "
    "preorder preorders restock return returns sell shipping space subscriptions ups "
    "upsell upsells wholesale wishlist"
)
"""Words of shops' app listings, and how labels shorten words; on a statement line they may be a trade."""

DESCRIPTIVE = (
    word_set(
        # what it works on
        "ad ads advert adverts advertising affiliate affiliates ai analytics answer answers api asset assets "
        "attribution audience audiences audio audit audits backlink backlinks banner banners blog blogging "
        "blogs board boards brand branding brands browser budget business calendar calls call campaign "
        "campaigns capture catalog catalogue cdn cdp channel channels chat chatbot chatbots chart charts "
        "checkout click clicks cms commerce comment comments communication communications community consent "
        "contact contacts content contract contracts conversation conversations conversion conversions "
        "cookie cookies copy creative creatives creator creators crm customer customers cx dam dashboard "
        "dashboards data database deal deals demo demos design designs diagram diagrams digital display doc "
        "docs document documents domain domains drive ecommerce email emails mail mails mailing engagement "
        "event events experience experiences experiment experiments expense expenses feed feedback feeds "
        "file files font fonts form forms funnel funnels gif gifs grammar graphic graphics growth hashtag "
        "headline heatmap heatmaps helpdesk identity image images inbox influencer influencers infographic "
        "infographics insight insights instagram internet intranet invoice invoices keyword keywords "
        "knowledge landing language lead leads learning library link links list lists live local logo logos "
        "loyalty market marketing marketplace media meeting meetings meme message messages messaging metrics "
        "music network news newsletter newsletters note notes notetaker notification notifications offer "
        "offers office opportunity optimization order orders outreach page pages panel partner partners "
        "password payment payments people performance personalization photo photos pipeline pixel podcast "
        "podcasts poll polls popup popups post posts pr press presentation presentations print privacy "
        "process product production productivity products profile profiles project projects proposal "
        "proposals prospect prospecting prospects publisher publishers push qr quiz quizzes rank ranking "
        "rankings reach recording recordings referral referrals relations report reports reporting "
        "reputation research resource resources response responses retail review reviews reward "
        "rewards roadmap roi "
        "sales scheduling score screen screens screenshot screenshots search seo sem serp ppc service "
        "services session sessions shop shopping signage signature signatures site sites skills slide slides "
        "sms snippet social speech spend stock storage store stories story storytelling stream streaming "
        "survey surveys tag tags task tasks team template templates text ticket tickets time tiktok "
        "linkedin facebook youtube twitter pinterest whatsapp x gmail outlook google microsoft slack chrome "
        "firefox edge safari wordpress drive sheets excel traffic training transcript transcription "
        "transcripts translation travel trend trends ugc url urls user users utm vector video videos visual "
        "visuals visitor visitors voice web webinar webinars website websites whiteboard widget widgets "
        "word words work workflow workflows workplace writing growth intelligence reality spreadsheet "
        "spreadsheets story board meetingroom mobile desktop animation animations illustration illustrations "
        "mockup mockups presentation b2b b2c abm saas ugc seo aeo geo llm gpt nps cro omnichannel smb",
    )
    | word_set(
        # what it does with it
        "activation alerts archive assistant auditor automation automations booking bookings builder "
        "builders capture center centre checker checkers "
        "clip clipper clipping clips cloud collaboration collection "
        "collector companion compare composer configuration connect connector connectors console control "
        "converter counter creation curation delivery detector development discovery distribution editing "
        "editor editors embed enablement enrichment explorer extension extensions extractor extraction "
        "finder generation generator hosting hub integration integrations launcher listening locator lookup "
        "maker management manager managers mapping measurement monetization monitor monitoring module "
        "optimizer optimiser optimisation organizer personalisation picker planner planners planning player "
        "plugin preview previewer publishing recorder repurposing responder retargeting rewriter scanner "
        "scheduler schedulers segmentation sender sending sequencer sharing shortener sidebar "
        "sourcing studio submission suite summarizer sync syncing synchronization targeting teleprompter "
        "testing system systems solution solutions timer toolbar tools server client mcc add addin early "
        "access toolkit track tracker trackers tracking translator upload uploader "
        "uploads validation validator viewer visualization webmaster workspace writer"
    )
    | word_set(
        # how it praises itself, and what joins the words
        "advanced agile all analysis better conversational corporate creative easy enterprise everyone "
        "everything fast free global go instant integrated intelligent interactive modern new one online "
        "open own powered premium professional real realtime "
        "secure self simple simplified single smart smarter "
        "unified universal virtual your our the a an and or of in on at made more no not to up using "
        "ultimate official online no1 beta classic legacy next gen generation 2 3 4 360 365 24 v1 v2 v3 v4 "
        "agency agencies freelancers creators businesses companies education nonprofits schools startups "
        "marketers publishers small"
    )
    | word_set(
        # the same in other languages, as consent screens and shops are translated
        "anmeldung bericht berichte buchhaltung dateien dokumente formulare kalender kampagnen kunden "
        "kundenservice mitarbeiter rechnungen termine umfragen vertrieb vorlagen webseite werbung "
        "zeiterfassung für fuer und mit der die das von zum zur im calendrier campagnes clients "
        "comptabilité comptabilite contrats documents enquêtes factures fichiers formulaires gestion "
        "modèles outil outils publicité rapports réunions signature ventes pour et le la les du des de en "
        "au aux avec calendario campañas clientes contabilidad contratos correo documentos encuestas "
        "facturas formularios gestión herramienta herramientas informes plantillas publicidad reuniones "
        "ventas para y el los las del con anuncios atención atencion ayuda cliente clientes correos "
        "cuestionarios diseño envíos "
        "envios formulario publicación redes sociales soporte vídeos al courriel client diffusion enquête "
        "envoi envois questionnaires réseaux sociaux umfrage formular kundenbetreuung bewertungen assistenza "
        "cliente modulo sondaggio atendimento pesquisa pesquisas suporte kit calendari campagne clienti "
        "contabilità documenti fatture "
        "gestione moduli riunioni sondaggi strumenti vendite per e il lo gli di da campanhas "
        "contabilidade relatórios vendas reuniões formulários ferramentas agenda boekhouding documenten "
        "facturen formulieren klanten verkoop voor het een met "
    )
    | LISTED
    | EDITION
    | ENVIRONMENT
    | PROTOCOL
    | REGION
)
"""May follow a coined name without making it another product (`Acmely Podcast Hosting`)."""

ORDINARY = word_set(
    "acton adage adagio airbase allego amagi amplitude appian apple azure bardeen basecamp bevy bigtime "
    "billo birdeye blueshift braintree brame braze brightspot cadent candis catia chrome circula clio "
    "commento concur confluence confluent contentful cornerstone costar crossbeam derwent descript "
    "discord docker domo einblick entrata equinix erwin esper estimote evite facebook fantastical fluida "
    "forbes framer gallup gandi glew goldbach gradle harver hava hoovers hybris hyland ideals ilias infotech "
    "illumin intercom iterable jetpack kickbox kimple kronos livestream longview looker lynda mandrill "
    "maxon meetup meraki merkury miro mui nativo navan nielsen nolt notion ordway outlook perpetua "
    "perplexity postman primis privado putty quaderno raken redis remarkable rubrik senja slack snowflake "
    "spiegel strava tableau timo trailhead twitter unito urchin vapi vincere vizard whereby wiland wiza "
    "workday"
)
"""Names that are sure on their own, yet words a stranger's product may well begin with."""

FOREIGN_WORK = word_set(
    "by from via export exporter import importer backup bot bridge unofficial custom migration migrator "
    "scraper clone downloader alternative killer hack hacks reseller fake helper helpers bulk mass ninja "
    "unlocked cracked discount discounts"
)
"""Words of things that others build round a product: with them a name is not the product."""

BAIT = word_set(
    "login logins signin verify verification verifier support security secure update account password "
    "confirm suspended alert alerts billing helpdesk unlock recovery authenticate authenticator"
)
"""Words by which look-alikes ask for trust: never passed over behind a name."""

EVENT_WORDS = word_set("ticket tickets event events conference summit meetup registration booth gift")
"""Words of a purchase that is no subscription: a statement line with one of them is read strictly."""

PLUGIN = word_set(
    "sync connector connectors integration integrations plugin extension extensions importer api"
)
"""Words of what plugs into a product: a description with one of them is about something else."""
