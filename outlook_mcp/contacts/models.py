"""What is read from Graph about contacts and people, with the `$select` list beside its reader."""

from __future__ import annotations

from datetime import datetime

import msgspec

from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import Address, WireModel

CONTACT = (
    *("id", "displayName", "nickName", "emailAddresses", "companyName", "department", "jobTitle"),
    *("mobilePhone", "businessPhones", "homePhones", "businessAddress", "homeAddress", "otherAddress"),
    *("birthday", "personalNotes", "categories", "createdDateTime"),
)
CONTACT_FOLDER = ("id", "displayName")
PERSON = ("id", "displayName", "scoredEmailAddresses", "jobTitle", "companyName", "department")
# What tells a room from a person.
ROOM = ("displayName", "scoredEmailAddresses", "personType")
# What User.ReadBasic.All lets see: https://learn.microsoft.com/graph/permissions-reference
USER = ("displayName", "mail", "userPrincipalName")


class PostalAddress(WireModel, frozen=True, kw_only=True):
    """A `physicalAddress` of Graph."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country_or_region: str | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the address, as far as its parts are known."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return tuple(part for part in (self.street, town, self.state, self.country_or_region) if part)


class Contact(WireModel, frozen=True, kw_only=True):
    """Read with CONTACT. A birthday is at 11:59 UTC of the day; without a year it is in 1604."""

    id: MessageId
    etag: str = msgspec.field(name="@odata.etag", default="")
    display_name: str | None = None
    nick_name: str | None = None
    email_addresses: list[Address | None] = []
    company_name: str | None = None
    department: str | None = None
    job_title: str | None = None
    mobile_phone: str | None = None
    business_phones: list[str] = []
    home_phones: list[str] = []
    business_address: PostalAddress | None = None
    home_address: PostalAddress | None = None
    other_address: PostalAddress | None = None
    birthday: datetime | None = None
    personal_notes: str | None = None
    categories: list[str] = []
    created_date_time: datetime | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mail addresses, without empty places and names of Exchange's own directory (`/o=...`) among them."""
        written = [email.address or "" for email in self.email_addresses if email]
        return tuple(address for address in written if "@" in address)


class ContactFolder(WireModel, frozen=True, kw_only=True):
    """Read with CONTACT_FOLDER."""

    id: str
    display_name: str | None = None


class ScoredAddress(WireModel, frozen=True, kw_only=True):
    """An address of a person, the most relevant one first."""

    address: str | None = None


class PersonType(WireModel, frozen=True, kw_only=True):
    """`subclass` is what somebody is, such as OrganizationUser or Room."""

    subclass: str | None = None


class RelevantPerson(WireModel, frozen=True, kw_only=True):
    """Read with PERSON or ROOM: somebody with whom the user deals, in the order of Graph."""

    display_name: str | None = None
    scored_email_addresses: list[ScoredAddress] = []
    job_title: str | None = None
    company_name: str | None = None
    department: str | None = None
    person_type: PersonType | None = None


class DirectoryUser(WireModel, frozen=True, kw_only=True):
    """Read with USER."""

    display_name: str | None = None
    mail: str | None = None
    user_principal_name: str | None = None
