// Azure Resource Manager's errors: status, code and text as ARM and its resource providers word them.
// Texts follow Microsoft's troubleshooting pages and public bug reports that quote them.

export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ArmError";
  }

  /** The body that ARM answers with. */
  toJSON(): unknown {
    return { error: { code: this.code, message: this.message } };
  }
}

export const badRequest = (message: string): ArmError => new ArmError(400, "BadRequest", message);

export const resourceGroupNotFound = (name: string): ArmError =>
  new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);

export const resourceNotFound = (type: string, name: string, group: string): ArmError =>
  new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );

export const subscriptionNotFound = (subscriptionId: string): ArmError =>
  new ArmError(
    404,
    "SubscriptionNotFound",
    `The subscription '${subscriptionId}' could not be found.`,
  );

export const missingSubscription = (): ArmError =>
  new ArmError(
    404,
    "MissingSubscription",
    "The request did not have a subscription or a valid tenant level resource provider.",
  );

export const missingApiVersion = (): ArmError =>
  new ArmError(
    400,
    "MissingApiVersionParameter",
    "The api-version query parameter (?api-version=) is required for all requests.",
  );

export const locationRequired = (): ArmError =>
  new ArmError(400, "LocationRequired", "The location property is required for this definition.");

export const authorizationFailed = (
  clientId: string,
  objectId: string,
  action: string,
  scope: string,
): ArmError =>
  new ArmError(
    403,
    "AuthorizationFailed",
    `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );

export const invalidContent = (detail: string): ArmError =>
  new ArmError(
    400,
    "InvalidRequestContent",
    `The request content was invalid and could not be deserialized: '${detail}'.`,
  );
