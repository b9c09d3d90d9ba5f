import type { Stub } from "./stub.ts";

const NAMES = ["test/docs/names.test.ts"];
const FIGURES = ["test/http/api-extras.test.ts"];

/** What people read about Muster, and what Prometheus does. */
export const documentationStubs: Stub[] = [
  {
    name: "documentation: a link leads nowhere",
    file: "README.md",
    find: "(docs/production.md)",
    replace: "(docs/productions)",
    tests: ["test/docs/links.test.ts"],
  },
  {
    name: "documentation: a heading that is linked has another name",
    file: "docs/deploy.md",
    find: "## What to watch",
    replace: "## Watching",
    tests: ["test/docs/links.test.ts"],
  },
  {
    name: "documentation: an example has a flag that there is not",
    file: "README.md",
    find: "approve ap-1 --accept-all --as approver-2 --watch",
    replace: "approve ap-1 --accept-everything --as approver-2 --watch",
    tests: ["test/docs/examples.test.ts"],
  },
  {
    name: "documentation: a variable has another name",
    file: "docs/communication.md",
    find: "set `MUSTER_STATUS_PAGE` to a directory",
    replace: "set `MUSTER_STATUS_DIRECTORY` to a directory",
    tests: NAMES,
  },
  {
    name: "documentation: an address of the API is left out of its description",
    file: "src/http/openapi.ts",
    find: "...importPath(),",
    replace: "",
    tests: NAMES,
  },
  {
    name: "documentation: an alert asks for a figure that there is not",
    file: "docs/alerts.yaml",
    find: "expr: max(muster_store_available) == 0",
    replace: "expr: max(muster_store_there) == 0",
    tests: ["test/docs/alerts.test.ts"],
  },
  {
    name: "documentation: a right that is needed is not named",
    file: "docs/permissions.md",
    find: '"Action": "route53:GetChange"',
    replace: '"Action": "route53:GetChanges"',
    tests: ["test/docs/rights.test.ts"],
  },
  {
    name: "figures: there are none while the store is away",
    file: "src/http/metrics.ts",
    find: "const known = async () => (await knownState(core)).state;",
    replace: "const known = () => core.state();",
    tests: FIGURES,
  },
  {
    name: "figures: what is not ready is counted where it does not serve",
    file: "src/http/metrics.ts",
    find: "if (source === active) this.set({ runbook, source, target, state }, 1);",
    replace: "if (source !== active) this.set({ runbook, source, target, state }, 1);",
    tests: FIGURES,
  },
  {
    name: "figures: a request is counted under a check and not under its route",
    file: "src/http/http.ts",
    find: "routePath(c)",
    replace: "routePath(c, -1)",
    tests: FIGURES,
  },
];
