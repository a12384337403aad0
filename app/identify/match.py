"""An answer of identification, and the sentence that says why."""

import msgspec

from app.identify.records import Product
from app.language import lasting
from connectors.identifiers import Identifier

_WHY = {
    "client_id": lasting("its OAuth client id belongs to %(name)s"),
    "okta_key": lasting("it is %(name)s in Okta's application catalogue"),
    "domain": lasting("%(value)s is a domain of %(name)s"),
    "domain_suffix": lasting("%(value)s lies under a domain of %(name)s"),
    "vendor_domain": lasting("%(value)s is at home on a domain of the maker of %(name)s"),
    "descriptor": lasting("“%(value)s” begins the way %(name)s charges appear on card statements"),
    "name": lasting("“%(value)s” is the name of %(name)s"),
    "alias": lasting("“%(value)s” is another name of %(name)s"),
    "former_name": lasting("“%(value)s” is the former name of %(name)s"),
    "legal_name": lasting("“%(value)s” is the company behind %(name)s"),
    "merchant_domain": lasting("the statement line “%(value)s” carries a domain of %(name)s"),
    "label": lasting("“%(value)s” is what the domain of %(name)s is called"),
    "merchant_name": lasting("the statement line “%(value)s” names %(name)s"),
    "merchant_prefix": lasting("the statement line “%(value)s” is cut short; only %(name)s begins like this"),
    "supported_name": lasting(
        "“%(value)s” is the name of %(name)s, an ordinary word, and what stands beside it fits"
    ),
    "portal_name": lasting(
        "“%(value)s” is an ordinary word by which nearly everybody at work means %(name)s"
    ),
    "titled_name": lasting("“%(value)s” is %(name)s with a tagline"),
    "maker+name": lasting("“%(value)s” names %(name)s behind its maker"),
    "bracketed_name": lasting("“%(value)s” describes %(name)s and names it"),
    "owned_name": lasting("“%(value)s” is %(name)s with its owner's name before it"),
    "leading_name": lasting("“%(value)s” begins with the name %(name)s and goes on in words of what it does"),
    "several_names": lasting("“%(value)s” names several products of the maker of %(name)s"),
    "outstanding": lasting("“%(value)s” holds a name of %(name)s, by which nobody else is called"),
    "product_line": lasting("“%(value)s” begins with the name %(name)s, which nobody else is called by"),
    "name+word": lasting("“%(value)s” is %(name)s followed by what it does"),
    "publisher+name": lasting("“%(value)s” is published by the maker of %(name)s"),
    "publisher": lasting("“%(value)s”, who publishes it, is the maker of %(name)s"),
    "domain+name": lasting("“%(value)s” is at home on the domain of %(name)s's maker"),
}


class Match(msgspec.Struct, frozen=True, gc=False):
    """An answer with its reason: `why` is a sentence that can be shown as it is."""

    product: Product
    rule: str
    confidence: float
    identifier: Identifier

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        reason = lasting(_WHY[self.rule], value=self.identifier.value.strip(), name=self.product.name)
        return lasting("Recognised as %(product)s: %(why)s.", product=self.product.name, why=reason)
