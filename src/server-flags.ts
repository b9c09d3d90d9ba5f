/**
 * How a server's Node is started. V8 would let the space for new objects grow to three times 16 MiB, which a server
 * that mostly waits fills once, while it starts, and then keeps.
 */
export const SERVER_FLAGS = ["--max-semi-space-size=1"];

/** Of glibc: one place to allocate from for all threads; each of its own keeps what it has filled once. */
export const SERVER_ENVIRONMENT = { MALLOC_ARENA_MAX: "1" };
