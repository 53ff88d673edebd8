/**
 * A facilitator's reason, if it is safe to send out. It is short and printable, and holds nothing that could
 * be a token, a signature, an address or calldata. Those are long words with digits or mixed case.
 */
export function publicReason(reason: unknown): string | undefined {
  if (typeof reason !== 'string' || !/^[\x20-\x7e]{1,120}$/.test(reason)) return undefined
  const words = reason.split(/[^A-Za-z0-9]+/)
  return words.every(isHarmless) ? reason : undefined
}

function isHarmless(word: string): boolean {
  return word.length < 12 || (word.length < 24 && /^([a-z]+|[A-Z]+|[A-Z][a-z]+)$/.test(word))
}

/** Unit: characters. */
const MAX_TEXT_CHARS = 1000
/** A shorter run of characters is no secret. Unit: characters. */
const MIN_RUN_CHARS = 12
/**
 * Ids of AgentCore that name a manager, a session or an instrument. Whoever knows them can do nothing with
 * them.
 */
const IDS = [
  'arn:aws[a-z-]{0,20}:bedrock-agentcore:[a-z\\d-]{5,30}:\\d{12}:payment-manager/[a-z\\d-]{11,60}',
  'payment-(?:session|instrument)-[\\dA-Za-z-]{15}',
]
const ID_OR_RUN = new RegExp(
  `(?<![\\w+/.~%-])(${IDS.join('|')})(?![\\w+/-])|[\\w+/.~%-]{${MIN_RUN_CHARS},}={0,2}`,
  'g',
)

/**
 * A message in which everything that could be a token, key, signature, calldata or JWT is an ellipsis. Words,
 * numbers and the ids of AgentCore stay. Secrets made of words cannot be told from prose. So never show
 * messages about a request with such secrets.
 */
export function redacted(text: string): string {
  const line = text.slice(0, MAX_TEXT_CHARS).replace(/[\p{C}\s]+/gu, ' ')
  return line.replace(ID_OR_RUN, (run, id?: string) => (id || isProse(run) ? run : '…'))
}

/**
 * Whether it is made of words and short numbers, with at most one short name with digits, e.g. of a chain.
 */
function isProse(run: string): boolean {
  const words = run.split(/[^A-Za-z0-9]+/)
  return words.filter((word) => !isWord(word)).every((word, i) => i === 0 && isName(word))
}

function isWord(word: string): boolean {
  return /^(\d{0,12}|[A-Z]{1,16}\d{0,3}|[A-Za-z]?[a-z]{0,15}([A-Z][a-z]{1,15}){0,5})$/.test(word)
}

function isName(word: string): boolean {
  return /^[a-z\d]{1,10}([A-Z][a-z]+)?$/.test(word)
}
