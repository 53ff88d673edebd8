/**
 * What the text block of a tool's result begins with where the tool met a 402: the marker, its space
 * included, then JSON of `{ statusCode: 402, headers, body }`. A tool of your own that answers so gets paid for.
 *
 * @example
 * return PAYMENT_REQUIRED_MARKER + JSON.stringify({ statusCode, headers, body })
 */
export const PAYMENT_REQUIRED_MARKER = 'PAYMENT_REQUIRED: '
