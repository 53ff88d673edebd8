/**
 * Which headers of a request a redirect takes along. Names are in lower case. This file imports nothing of
 * ours.
 */

/** Headers for the server that was called: they never go to another origin. */
export const OWN_HEADERS: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'host',
  'x-api-key',
]

/**
 * Headers that are about a body. They go where the body goes.
 *
 * @see https://fetch.spec.whatwg.org/#request-body-header-name
 */
export const BODY_HEADERS: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]
