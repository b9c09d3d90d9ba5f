/**
 * What a record holds under this name. Looked up plainly, `constructor` and its like are found in every record, where
 * nobody has put them: a name that people, chats or vendors sent is looked up by this.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A name that every object has: nothing of ours may be called so. */
export function isEverybodys(name: string): boolean {
  return name in Object.prototype;
}
