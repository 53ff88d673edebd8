/** The version of this package, as it goes into the user agent. A leaf; it imports nothing of ours. */
export const VERSION = '0.1.0'
