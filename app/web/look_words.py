"""What the pages on people and permissions call things. Marked texts, as in `words`."""

from app.language import N_

DATA = {
    "mail": N_("Mail"),
    "files": N_("Files"),
    "contacts": N_("Contacts"),
    "calendar": N_("Calendar"),
    "messages": N_("Chats"),
    "directory": N_("Company directory"),
    "ads": N_("Ad accounts"),
    "analytics": N_("Web statistics"),
    "web": N_("Web sites"),
    "video": N_("Video channels"),
    "crm": N_("Customer records"),
    "cloud": N_("Data warehouse"),
    "profile": N_("Name and address"),
    "other": N_("Other"),
}
TONE = {"high": "warn", "medium": "shade", "low": ""}
"""The look of a grade's chip."""
MARK = {"high": "●●●", "medium": "●●", "low": "●"}
"""The mark of a grade; its words stand beside it for those who listen."""
SHORT = {"high": N_("high"), "medium": N_("some"), "low": N_("low")}
PART = {"owner": N_("Owner"), "co_owner": N_("Co-owner"), "steward": N_("IT steward")}
KIND = {
    "employee": N_("Employee"),
    "contractor": N_("Contractor"),
    "guest": N_("Guest"),
    "service": N_("Service account"),
}
END = {
    "grant": N_("End this permission in %(source)s."),
    "assigned": N_("Take the access away in %(source)s."),
    "group": N_("Take them out of the group in %(source)s."),
}
"""What to do about the access of somebody who has left."""
HOW = {
    "signs_in": N_("signs in"),
    "granted": N_("gave it permission"),
    "assigned": N_("was given it"),
    "paid": N_("paid for it"),
}
GRANT_FIELDS = {
    "allows": N_("What it allows"),
    "permission": N_("Permission"),
    "grade": N_("Impact"),
    "data": N_("Data it reaches"),
    "unused": N_("Last used"),
    "unused_since": N_("Last used"),
    "verified": N_("Publisher"),
    "leavers": N_("People"),
    "everybody": N_("For whom"),
    "source": N_("Seen in"),
    "tool": N_("Tool"),
    "person": N_("Person"),
    "view": N_("Grouping"),
    "cursor": N_("Page"),
}
PEOPLE_FIELDS = {
    "q": N_("Search"),
    "department": N_("Department"),
    "active": N_("In the directory"),
    "access": N_("Access"),
    "kind": N_("Kind"),
    "sort": N_("Order"),
    "cursor": N_("Page"),
}
PEOPLE_SORTS = {
    "name": N_("Name"),
    "-tools": N_("Most tools first"),
    "-grade": N_("Most powerful permissions first"),
}
