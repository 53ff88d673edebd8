/**
 * The path without its query, decoded once. API Gateway decodes it before us, Function URLs and load
 * balancers do not. Both mean the same path. A path is refused if another reader could understand it as
 * another path. It could name a cheaper row of the price table than the resource it reaches.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */
export function plainPath(path: string): string | undefined {
  const [given = ''] = path.split(/[?#]/, 1)
  const plain = decodedOnce(given)
  if (plain === undefined || !plain.startsWith('/') || isDeeper(plain)) return undefined
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain
}

/** A path that is encoded more often than this is a trick. */
const MAX_DECODINGS = 3

/** Whether a reader that decodes the path again could find another path. */
function isDeeper(plain: string): boolean {
  let deeper: string | undefined = plain
  for (
    let times = 0;
    times < MAX_DECODINGS && deeper !== undefined && ESCAPE.test(deeper);
    times++
  ) {
    deeper = decodedOnce(deeper)
  }
  return deeper === undefined || ESCAPE.test(deeper)
}

/** @returns `undefined` if the path can be read in two ways, before or after decoding. */
function decodedOnce(path: string): string | undefined {
  if (ODD.test(path) || HIDDEN.test(path)) return undefined
  try {
    // The path was decoded before us. A percent sign that begins no escape stands for itself.
    const decoded = path.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent)
    encodeURIComponent(decoded)
    return ODD.test(decoded) || /[?#]/.test(decoded) ? undefined : decoded
  } catch {
    return undefined // The escapes are no UTF-8. Lenient decoders would read a character of the path out of them.
  }
}

const ESCAPE = /%[0-9a-f]{2}/i

/** URL parsers drop control characters. */
const ODD = /\p{Cc}|\/\/|\\|;|\/\.{1,2}(\/|$)|%u/iu

/**
 * Escapes of a slash change the parts of a path. Letters and digits need no escape: it would only hide them.
 */
const HIDDEN = /%(?:2f|3[0-9]|[46][1-9a-f]|[57][0-9a])/i
