/**
 * What a tool's error begins with where the tool met a 402: the marker, its space included, then JSON of
 * `{ statusCode: 402, headers, body }`. A tool of your own that fails so gets paid for. In the text of a good answer
 * the marker means nothing, since that may be anybody's.
 *
 * @example
 * throw new Error(PAYMENT_REQUIRED_MARKER + JSON.stringify({ statusCode, headers, body }))
 */
export const PAYMENT_REQUIRED_MARKER = 'PAYMENT_REQUIRED: '
