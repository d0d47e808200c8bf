"""Operations of Graph that the sandbox has not, answered 501; other unknown paths are answered 400, as by Graph."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.errors import GraphFault
from outlook_mcp.sandbox.graph.core.paths import read_path
from outlook_mcp.sandbox.graph.mail.paths import leave_folders


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Below /, with all that follows.
ROOTS = _names(
    """
    admin agreementAcceptances agreements appCatalogs applicationTemplates applications auditLogs
    authenticationMethodConfigurations authenticationMethodsPolicy certificateBasedAuthConfiguration chats
    communications compliance connections contacts contracts copilot dataPolicyOperations deviceAppManagement
    deviceManagement devices directory directoryObjects directoryRoleTemplates directoryRoles domainDnsRecords
    domains drive drives education employeeExperience external filterOperators functions groupLifecyclePolicies
    groupSettingTemplates groupSettings groups identity identityGovernance identityProtection identityProviders
    informationProtection invitations oauth2PermissionGrants organization permissionGrants places planner policies
    print privacy reports roleManagement schemaExtensions scopedRoleMemberships search security servicePrincipals
    shares sites solutions storage subscribedSkus teams teamsTemplates teamwork tenantRelationships
    """
)
_ROOTS = frozenset(root.lower() for root in ROOTS)
# Names below a user.
_OTHERS_OF_USERS = _names(
    """
    activities adhocCalls agreementAcceptances appRoleAssignments assignLicense authentication changePassword
    chats checkMemberGroups checkMemberObjects cloudClipboard cloudPCs createdObjects dataSecurityAndGovernance
    deviceManagementTroubleshootingEvents drives employeeExperience exportDeviceAndAppManagementData
    exportPersonalData followedSites getManagedAppDiagnosticStatuses getManagedAppPolicies
    getManagedDevicesWithAppFailures getMemberGroups getMemberObjects joinedTeams licenseDetails
    managedAppRegistrations managedDevices notes oauth2PermissionGrants onPremisesSyncBehavior ownedDevices
    ownedObjects permissionGrants registeredDevices removeAllDevicesFromManagement reprocessLicenseAssignment
    restore retryServiceProvisioning revokeSignInSessions scopedRoleMemberOf serviceProvisioningErrors settings
    solutions sponsorOf sponsors teamwork transitiveMemberOf wipeManagedAppRegistrationsByDeviceTag
    """
)
# Below a user, with all that follows: parts of mail, calendars and contacts, then what is none of them.
PATHS = (
    "calendar/allowedCalendarSharingRoles",
    "calendarGroups/{group}",
    "contactFolders/{folder}/contacts/{contact}/extensions",
    "contacts/{contact}/extensions",
    "directReports",
    "drive",
    "events/{event}/attachments",
    "events/{event}/calendar",
    "events/{event}/dismissReminder",
    "events/{event}/extensions",
    "events/{event}/snoozeReminder",
    "extensions",
    "insights",
    "mailFolders/{folder}/userConfigurations",
    "manager",
    "memberOf",
    "onenote",
    "onlineMeetings",
    "photos",
    "planner",
    "presence",
    "reminderView",
    "todo",
    *_OTHERS_OF_USERS,
)
# Methods of paths that the sandbox has with other methods.
METHODS = (
    ("PATCH", ""),
    ("DELETE", ""),
    ("DELETE", "photo"),
    ("DELETE", "photo/$value"),
    ("PATCH", "photo"),
    ("DELETE", "contacts/{contact}/photo/$value"),
    ("PATCH", "contacts/{contact}/photo"),
    ("PUT", "messages/{message}/$value"),
    ("DELETE", "messages/{message}/$value"),
)


def is_not_imitated(method: str, path: str) -> bool:
    """Whether Graph has an operation that the sandbox has not; `path` follows /v1.0/.

    >>> is_not_imitated("GET", "me/Events/1/attachments")
    True
    >>> is_not_imitated("GET", "me/evnets"), is_not_imitated("GET", "$metadata")
    (False, True)
    """
    if path.partition("/")[0].partition("(")[0].lower() in _ROOTS:
        return True
    if method == "GET" and path.strip("/").lower() in ("", "$metadata"):
        return True
    try:
        segments, _ = leave_folders(read_path(path).segments)
    except GraphFault:
        return False
    # Parameters of a function follow its name in parentheses.
    segments = tuple(segment.partition("(")[0] for segment in segments)
    if any(known == method and _starts_with(pattern, segments, exactly=True) for known, pattern in METHODS):
        return True
    return any(_starts_with(pattern, segments) for pattern in PATHS)


def _starts_with(pattern: str, segments: tuple[str, ...], *, exactly: bool = False) -> bool:
    parts = pattern.split("/") if pattern else []
    if len(segments) < len(parts) or (exactly and len(segments) != len(parts)):
        return False
    pairs = zip(parts, segments, strict=False)
    return all(part.startswith("{") or part.lower() == segment.lower() for part, segment in pairs)
