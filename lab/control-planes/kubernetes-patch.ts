import { isDeepStrictEqual } from "node:util";
import { type JsonObject, StatusError } from "./kubernetes-objects.ts";

/** Applies a PATCH body to an object, by the body's content type. Throws the Status that the real API answers. */
export function applyPatch(target: JsonObject, contentType: string, body: unknown): JsonObject {
  const type = contentType.split(";")[0]?.trim().toLowerCase();
  switch (type) {
    case "application/merge-patch+json":
    // Lists are the only place where a strategic merge differs, and nothing that can be changed here is a list.
    case "application/strategic-merge-patch+json":
      if (!isObject(body)) throw badRequest("a merge patch must be a JSON object");
      return merge(target, body) as JsonObject;
    case "application/json-patch+json":
      if (!Array.isArray(body)) throw badRequest("a JSON patch must be a list of operations");
      return body.reduce<JsonObject>(applyOperation, structuredClone(target));
    default:
      throw new StatusError(
        415,
        "UnsupportedMediaType",
        `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED.join(", ")}`,
      );
  }
}

const ACCEPTED = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

/** RFC 6902 as far as objects go: the deployments here have no list that may be changed. */
function applyOperation(root: JsonObject, operation: unknown): JsonObject {
  if (!isObject(operation) || typeof operation.path !== "string") throw badRequest("a patch operation needs a path");
  const keys = operation.path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop();
  if (last === undefined) throw badRequest("the whole object cannot be replaced by a patch");
  let parent: unknown = root;
  for (const key of keys) parent = isObject(parent) ? parent[key] : undefined;
  if (!isObject(parent)) throw refused();
  switch (operation.op) {
    case "test":
      if (!isDeepStrictEqual(parent[last], operation.value)) throw refused();
      return root;
    case "add":
      parent[last] = operation.value;
      return root;
    case "replace":
      if (!Object.hasOwn(parent, last)) throw refused();
      parent[last] = operation.value;
      return root;
    case "remove":
      if (!Object.hasOwn(parent, last)) throw refused();
      delete parent[last];
      return root;
    default:
      throw badRequest(`Unexpected kind: ${String(operation.op)}`);
  }
}

/** The real API says no more than this when an operation of a JSON patch does not hold. */
function refused(): StatusError {
  return new StatusError(422, "Invalid", "the server rejected our request due to an error in our request");
}
