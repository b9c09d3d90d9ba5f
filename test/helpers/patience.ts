/** Set while one thing is made not to work (`test/stubs`): nobody waits long then for what will not come. */
const isStubbed = process.env.MUSTER_TEST_STUB !== undefined;

/** How long a test waits for something to become so. No test asserts a time, and the machine may be busy. */
export const patienceMs = isStubbed ? 2_000 : 15_000;
/** What a test started and does not come to its end holds up the end of the file, too. */
export const hookTimeoutMs = isStubbed ? 10_000 : 30_000;
export const testTimeoutMs = isStubbed ? 10_000 : 30_000;
/** Where others' servers and clocks play a part there is one second try, which the report names. */
export const secondTries = isStubbed ? 0 : 1;
