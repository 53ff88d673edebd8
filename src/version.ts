/** The version of this package, as the user agent names it. This file imports nothing of ours. */
export const VERSION = '0.1.0'
