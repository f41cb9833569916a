/** Names of time zones. */

/** Tells whether a name is a time zone of the IANA database. */
export function isTimeZone(name: string): boolean {
  // The first formatter of a process takes longer than the whole list, which lacks aliases and UTC.
  if (name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
