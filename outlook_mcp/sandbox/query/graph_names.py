"""The properties of Graph's types, by which a name that the sandbox does not have is told from one that is none.

Source: Microsoft's metadata of v1.0; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


# Small letters, by the type that has them itself.
_PROPERTIES: Mapping[str, frozenset[str]] = {
    "message": _names(
        """
        attachments bccRecipients body bodyPreview categories ccRecipients changeKey conversationId
        conversationIndex createdDateTime extensions flag from hasAttachments id importance inferenceClassification
        internetMessageHeaders internetMessageId isDeliveryReceiptRequested isDraft isRead isReadReceiptRequested
        lastModifiedDateTime multiValueExtendedProperties parentFolderId receivedDateTime replyTo sender
        sentDateTime singleValueExtendedProperties subject toRecipients uniqueBody webLink
        """
    ),
    "mailFolder": _names(
        """
        childFolderCount childFolders displayName id isHidden messageRules messages multiValueExtendedProperties
        parentFolderId singleValueExtendedProperties totalItemCount unreadItemCount
        """
    ),
    "event": _names(
        """
        allowNewTimeProposals attachments attendees body bodyPreview calendar cancelledOccurrences categories
        changeKey createdDateTime end exceptionOccurrences extensions hasAttachments hideAttendees iCalUId id
        importance instances isAllDay isCancelled isDraft isOnlineMeeting isOrganizer isReminderOn
        lastModifiedDateTime location locations multiValueExtendedProperties onlineMeeting onlineMeetingProvider
        onlineMeetingUrl organizer originalEndTimeZone originalStart originalStartTimeZone recurrence
        reminderMinutesBeforeStart responseRequested responseStatus sensitivity seriesMasterId showAs
        singleValueExtendedProperties start subject transactionId type webLink
        """
    ),
    "contact": _names(
        """
        assistantName birthday businessAddress businessHomePage businessPhones categories changeKey children
        companyName createdDateTime department displayName emailAddresses extensions fileAs generation givenName
        homeAddress homePhones id imAddresses initials jobTitle lastModifiedDateTime manager middleName mobilePhone
        multiValueExtendedProperties nickName officeLocation otherAddress parentFolderId personalNotes photo
        primaryEmailAddress profession secondaryEmailAddress singleValueExtendedProperties spouseName surname
        tertiaryEmailAddress title yomiCompanyName yomiGivenName yomiSurname
        """
    ),
    "contactFolder": _names(
        """
        childFolders contacts displayName id multiValueExtendedProperties parentFolderId
        singleValueExtendedProperties
        """
    ),
    "calendar": _names(
        """
        allowedOnlineMeetingProviders calendarPermissions calendarView canEdit canShare canViewPrivateItems
        changeKey color defaultOnlineMeetingProvider events hexColor id isDefaultCalendar isRemovable
        isTallyingResponses multiValueExtendedProperties name owner singleValueExtendedProperties
        """
    ),
    "user": _names(
        """
        aboutMe accountEnabled ageGroup assignedLicenses assignedPlans authorizationInfo birthday businessPhones
        city companyName consentProvidedForMinor country createdDateTime creationType customSecurityAttributes
        deletedDateTime department deviceEnrollmentLimit displayName employeeHireDate employeeId
        employeeLeaveDateTime employeeOrgData employeeType externalUserState externalUserStateChangeDateTime
        faxNumber givenName hireDate id identities identityParentId imAddresses interests isManagementRestricted
        isResourceAccount jobTitle lastPasswordChangeDateTime legalAgeGroupClassification licenseAssignmentStates
        mail mailNickname mailboxSettings mobilePhone mySite officeLocation onPremisesDistinguishedName
        onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId onPremisesLastSyncDateTime
        onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
        onPremisesUserPrincipalName otherMails passwordPolicies passwordProfile pastProjects postalCode
        preferredDataLocation preferredLanguage preferredName print provisionedPlans proxyAddresses responsibilities
        schools securityIdentifier serviceProvisioningErrors showInAddressList signInActivity
        signInSessionsValidFromDateTime skills state streetAddress surname usageLocation userPrincipalName userType
        """
    ),
    "person": _names(
        """
        birthday companyName department displayName givenName id imAddress isFavorite jobTitle officeLocation
        personNotes personType phones postalAddresses profession scoredEmailAddresses surname userPrincipalName
        websites yomiCompany
        """
    ),
}


def has_property(type_name: str, name: str) -> bool:
    """Whether Graph's type has the property, in any spelling; False for types that are not listed.

    >>> has_property("event", "Attachments"), has_property("event", "attachements")
    (True, False)
    """
    return name.lower() in _PROPERTIES.get(type_name, ())
