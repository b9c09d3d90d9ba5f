import { AppError } from "../../src/errors.ts";
import { isNoAnswer } from "../looking.ts";

const LONGEST_MESSAGE = 300;

/** What people are told about the request that failed: the resource, and what to do while the API is away. */
export interface Told {
  /** "record api.example.com CNAME in hosted zone Z1". */
  resource: string;
  /** What to do by hand when the change API is away. */
  byHand?: string;
}

/** Error names: https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html */
const THROTTLED = ["Throttling", "ThrottlingException", "PriorRequestNotComplete", "TooManyRequestsException"];
const NOT_ALLOWED = [
  "AccessDenied",
  "AccessDeniedException",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "MissingAuthenticationToken",
  "IncompleteSignature",
  "ExpiredToken",
  "UnrecognizedClientException",
];

/** Every error of the Route 53 client, told once. What is none of its errors is our own bug and is given back. */
export function mapRoute53Error(error: unknown, told: Told): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (isNoAnswer(error)) return unavailable("did not answer in time", told, error);
  const message = error.message.slice(0, LONGEST_MESSAGE);
  if (THROTTLED.includes(error.name)) return throttled(told, error);
  if (error.name === "InvalidChangeBatch") return conflict(message, told, error);
  if (error.name === "CredentialsProviderError" || /region is missing/i.test(message))
    return unconfigured(message, error);
  if (NOT_ALLOWED.includes(error.name)) return rejected(`does not accept our credentials (${error.name})`, told, error);
  const status = statusOf(error);
  if (status === 429) return throttled(told, error);
  if (status !== undefined && status >= 500) return unavailable(`answers ${status} (${error.name})`, told, error);
  if (status !== undefined) return rejected(`refused (${error.name}): ${message}`, told, error);
  if ("code" in error) return unavailable(`cannot be reached (${String(error.code)})`, told, error);
  return error;
}

function statusOf(error: Error): number | undefined {
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

function unavailable(what: string, { resource, byHand }: Told, cause: unknown): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `The Route 53 API ${what}; what it holds for ${resource} is not known to have changed.`,
    hint: byHand ?? "Records go on being answered while the API is away; the next attempt follows by itself.",
    retryable: true,
    cause,
  });
}

function throttled({ resource, byHand }: Told, cause: unknown): AppError {
  return new AppError({
    code: "vendor-throttled",
    summary: `The Route 53 API asks us to slow down; ${resource} was left as it is.`,
    hint: byHand ?? "The next attempt follows by itself.",
    retryable: true,
    cause,
  });
}

function conflict(message: string, { resource }: Told, cause: unknown): AppError {
  return new AppError({
    code: "vendor-conflict",
    summary: `Route 53 refused the change of ${resource}, and nothing of it was done: ${message}`,
    hint: "Usually somebody else changed the record since it was looked at; it is looked at again before the next attempt.",
    retryable: true,
    cause,
  });
}

function rejected(what: string, { resource, byHand }: Told, cause: unknown): AppError {
  const rights =
    "The account needs route53:ListResourceRecordSets, ChangeResourceRecordSets and GetChange for the zone.";
  return new AppError({
    code: "vendor-rejected",
    summary: `The Route 53 API ${what} (${resource}).`,
    hint: byHand === undefined ? rights : `${rights} ${byHand}`,
    cause,
  });
}

function unconfigured(message: string, cause: unknown): AppError {
  return new AppError({
    code: "config-invalid",
    summary: `The AWS client is not configured: ${message}.`,
    hint: "Give Muster AWS_REGION and credentials the way the AWS command line takes them (environment, profile or role).",
    cause,
  });
}
