/**
 * Texts that slow down a reader that searches the same part again and again. Each has about this many
 * characters.
 */
export const HOSTILE_TEXTS: readonly (readonly [name: string, make: (chars: number) => string])[] =
  [
    // One character, repeated.
    ...['a', '0', ' ', '\n', '\r', ',', '=', '"', "'", '\\', '/', ':', '.', '-', '_', '%'],
    ...['[', '{', '(', ']', '<', '@', '\u0000', 'ſ', '\ud83d', '\u0301'],
    // Beginnings that have no end.
    ...["'\\'\\'", '"\\"\\"', "'\\", '\'"', '"a', ",'", '\\u0041', '\\x4'],
    ...[
      '{"a":',
      '[1,',
      '{"accepts":[',
      "{'a': ",
      '<a ',
      '<!--',
      'a=',
      'a="',
      'a ',
      'a,',
      'a.',
      'a-',
    ],
    ...[' =', '= ', ', ', '\r\n', '%4', '%e2%82', '/../', '://', '0:', '0x0', '1.', '127.', '___'],
    // Words after which a reader looks for something.
    ...['Payment ', 'Payment a=', 'Payment a="b", ', 'Basic x, ', ', header =', 'Bearer '],
    ...[
      'PAYMENT_REQUIRED: {"',
      'Status Code: 402',
      'Error: ',
      'HTTP 402 ',
      'nonce_used',
      'charset=',
    ],
    ...["value '", "at 'a' ", 'exceed ', 'session not found ', 'mcp://tool/', 'arn:aws:'],
    ...['data:', 'data: {"\n', 'data: x\n\n', 'id: 1\n\n', 'event: message\ndata: {"result":'],
    // Marks of one letter, in an order that is slow to sort.
    ...['\u0315\u0300', '\u0315\uff9e'],
  ].map((unit) => [
    JSON.stringify(unit),
    (chars: number) => unit.repeat(Math.ceil(chars / unit.length)),
  ])

/** JSON that is nested this deep. */
export const DEEP_JSON: readonly (readonly [name: string, make: (levels: number) => string])[] = [
  ['lists', (levels) => '['.repeat(levels) + ']'.repeat(levels)],
  ['objects', (levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`],
]
