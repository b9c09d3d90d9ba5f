/** Where everybody looks for a Muster and its lab who is not told otherwise. */
export const DEFAULT_PORT = 4646;
export const DEFAULT_DATA = ".muster";
