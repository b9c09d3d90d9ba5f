/** Other words for a status update, from what the prompt lists and nothing else; undefined for another prompt. */
export function wordingFor(user: string): string | undefined {
  const stage = /^Stage: (\w+)$/m.exec(user)?.[1];
  if (stage === undefined) return undefined;
  const has = (name: string) => new RegExp(`^${name}: (?!false)`, "m").test(user);
  const since = has("since") ? " since {{since}}" : "";
  const from = has("place") ? ", from {{place}}" : "";
  switch (stage) {
    case "identified": {
      const moving = has("place") ? " and are moving the service to {{place}}" : "";
      const when = has("eta") && has("basis") ? " Going by {{basis}}, we expect that to be done at about {{eta}}." : "";
      return `Requests of {{services}} have been failing${since}. We have found what is wrong${moving}.${when}`;
    }
    case "degraded": {
      const slower = has("addedLatency") ? " Answers may take about {{addedLatency}} longer than usual." : "";
      return `{{services}} answers requests again${from}.${slower}`;
    }
    case "monitoring":
      return `{{services}} answers requests${from}, and we keep a close watch on it.`;
    case "resolved":
      return "This incident is over: {{services}} is back to normal.";
    default:
      return `Requests of {{services}} have been failing${since}, and we are looking into it.`;
  }
}
