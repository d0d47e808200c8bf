"""Senders and recipients of the demo messages."""

from __future__ import annotations

from outlook_mcp.sandbox.message import Address

ALICE = Address("alice@contoso.example", "Alice Archer")
BOB = Address("bob@contoso.example", "Bob Brandt")
CAROL = Address("carol@contoso.example", "Carol Castellano")
DAVE = Address("dave@fabrikam.example", "Dave Duarte")
ERIN = Address("erin@fabrikam.example", "Erin Eriksen")
FRIDA = Address("frida.falk@freemail.example", "Frida Falk")

IT_DESK = Address("it-desk@contoso.example", "Contoso IT Desk")
FACILITIES = Address("facilities@contoso.example", "Contoso Facilities")
FABRIKAM_IT = Address("service@fabrikam.example", "Fabrikam Service Desk")
LEDGER = Address("hello@morning-ledger.example", "The Morning Ledger")
KERNING = Address("weekly@kerning.example", "Kerning Weekly")
PARCELS = Address("no-reply@swiftparcel.example", "SwiftParcel")
RAIL = Address("tickets@northrail.example", "North Rail")
YUKI = Address("tanaka@nihon-parts.example", "田中 由紀")
LAYLA = Address("layla@qamar-logistics.example", "ليلى حداد")
NIKOS = Address("nikos@aegean-print.example", "Νίκος Παπαδάκης")
PRINTER = Address("sales@brightpress.example", "Brightpress Sales")
IMPOSTOR = Address("accounts@fabrikam-billing.example", "Fabrikam Accounts")
LOTTERY = Address("winner@mega-prize.example", "Mega Prize Office")
CHOIR = Address("office@lakeside-choir.example", "Lakeside Choir")
LIBRARY = Address("no-reply@city-library.example", "City Library")
GRANDPA = Address("otto.falk@freemail.example", "Otto Falk")
CUSTOMER = Address("h.okafor@lakeside-dental.example", "Henry Okafor")
