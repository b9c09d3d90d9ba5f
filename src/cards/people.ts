import { elapsed, instant, list } from "../format.ts";
import type { Identity } from "../people/identity.ts";
import type { TokenView } from "../people/tokens.ts";
import type { Card } from "./card.ts";

/** The one card that shows a secret. Its fallback, which notifications repeat, does not. */
export function newTokenCard(made: TokenView & { token: string; at: string }): Card {
  const { tokenId, principal, name, expiresAt, token, at } = made;
  const title = `Token ${tokenId} for ${principal}: it is shown this once`;
  return {
    title,
    status: "ok",
    facts: [
      { label: "Token", value: token },
      { label: "Expires", value: `${instant(expiresAt, at)} (in ${elapsed(at, expiresAt)})` },
      ...(name ? [{ label: "Name", value: name }] : []),
    ],
    text: [
      "Put it where secrets are kept. In a shell, so that it does not end up in the history: read -rs MUSTER_TOKEN && export MUSTER_TOKEN",
      `Lost or leaked: token revoke ${tokenId}`,
    ],
    context: [tokenId],
    fallback: title,
  };
}

export function tokensCard(tokens: TokenView[], at: string): Card {
  const active = tokens.filter(({ status }) => status === "active").length;
  const title = tokens.length === 0 ? "No tokens" : `${active} of ${tokens.length} tokens hold`;
  const rows = tokens.map((token) => [
    token.tokenId,
    token.principal,
    token.name ?? "–",
    statusText(token, at),
    `${instant(token.createdAt, at)} by ${token.createdBy}`,
    token.refusedAt ? instant(token.refusedAt, at) : "–",
  ]);
  return {
    title,
    status: "info",
    table: { columns: ["Token", "Of", "Name", "Holds", "Made", "Refused"], rows },
    text: ["Tokens of the people file are not listed: they are made and removed there."],
    context: [`as of ${instant(at)}`],
    fallback: title,
  };
}

function statusText({ status, expiresAt, revokedAt, revokedBy }: TokenView, at: string): string {
  if (status === "revoked") return `revoked ${instant(revokedAt, at)} by ${revokedBy}`;
  return status === "active" ? `until ${instant(expiresAt, at)}` : `expired ${instant(expiresAt, at)}`;
}

export function revokedCard({ tokenId, principal, revokedAt, revokedBy }: TokenView): Card {
  const title = `Token ${tokenId} of ${principal} is revoked`;
  return {
    title,
    status: "ok",
    text: ["No instance takes it any more, and sessions that were opened with it have ended."],
    context: [`${instant(revokedAt)} by ${revokedBy}`],
    fallback: title,
  };
}

export function linkCodeCard(offered: { code: string; expiresAt: string; linked: Identity[] }, at: string): Card {
  const { code, expiresAt, linked } = offered;
  const title = "A code that lets one account stand for you";
  return {
    title,
    status: "ok",
    facts: [
      { label: "Send from there", value: `/dr link ${code}` },
      { label: "Expires", value: `${instant(expiresAt, at)} (in ${elapsed(at, expiresAt)})` },
      ...(linked.length > 0
        ? [{ label: "Linked so far", value: list(linked.map(({ system, account }) => `${system} ${account}`)) }]
        : []),
    ],
    text: ["It works once. Whoever sends it first acts as you from then on: give it to nobody."],
    fallback: title,
  };
}

export function linkedCard({ system, account, principal }: Identity & { principal: string }): Card {
  const title = `This ${system} account stands for ${principal} now`;
  return {
    title,
    status: "ok",
    text: ["What is decided from here is decided by that person, who counts once wherever they press."],
    context: [`${system} ${account}`],
    fallback: title,
  };
}
