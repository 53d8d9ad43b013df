/** What a record holds under a key that comes from outside: nothing that every object has, such as "constructor". */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);
