import { type Stub, stubs } from "./stub.ts";

const NAMES = ["test/http/everybodys-names.test.ts"];

/** What strangers, and people beyond their role, try. */
export const securityStubs: Stub[] = [
  ...stubs("src/own.ts", NAMES, [
    {
      name: "a name that every object has is found in every record",
      find: "return Object.hasOwn(record, name) ? record[name] : undefined;",
      replace: "return record[name];",
    },
  ]),
  {
    name: "a command takes a name that every object has for an id",
    file: "src/own.ts",
    find: "return name in Object.prototype;",
    replace: "return false;",
    tests: ["test/commands/inputs.test.ts"],
  },
];
