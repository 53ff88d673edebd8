import path from 'node:path'
import { expect, test } from '@jest/globals'
import { circlesIn, type Arrow } from './support/circles.js'
import { files, imports } from './support/imports-of.js'

/**
 * The rule of the house: a room (a folder of `src/`, or a file of `src/` itself) may import the rooms named
 * here, types included. `x/**` names `x` and the rooms in it. Besides, a room may import what lies in it.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  wire: [],
  logger: [],
  version: [],
  lazy: [],
  http: ['lazy', 'wire'],
  errors: ['lazy', 'wire'],
  checks: ['errors', 'wire'],
  time: ['errors', 'wire'],
  mistakes: ['errors', 'wire'],
  nevermined: ['http', 'time', 'checks', 'mistakes', 'errors', 'lazy', 'logger', 'wire'],
  facilitators: ['http', 'time', 'checks', 'mistakes', 'errors', 'lazy', 'logger', 'wire'],

  chain: ['wire'],

  'seller/answer': ['lazy', 'wire'],
  'seller/events': ['seller/answer', 'lazy', 'wire'],
  'seller/events/http': ['seller/answer', 'seller/events', 'lazy', 'wire'],
  'seller/options/money': ['facilitators', 'errors', 'wire'],
  'seller/options': [
    ...['seller/answer', 'seller/events'],
    ...['facilitators', 'nevermined', 'logger', 'checks', 'errors', 'wire'],
  ],
  'seller/price': [
    ...['seller/answer', 'seller/events', 'seller/options', 'seller/options/money'],
    ...['facilitators', 'nevermined', 'time', 'errors', 'lazy', 'wire'],
  ],
  'seller/records': [
    ...['seller/answer', 'seller/events', 'seller/options', 'time', 'errors', 'lazy', 'wire'],
  ],
  'seller/rails': [
    ...['seller/answer', 'seller/events', 'seller/options', 'seller/options/money', 'seller/price'],
    ...['chain', 'facilitators', 'nevermined', 'time', 'errors', 'wire'],
  ],
  'seller/mistakes': [
    ...['seller/events', 'seller/options', 'seller/options/money', 'seller/price'],
    ...['seller/rails', 'facilitators', 'nevermined', 'mistakes', 'http', 'time', 'errors', 'wire'],
  ],
  'seller/payment': [
    ...['seller/answer', 'seller/events', 'seller/options', 'seller/price', 'seller/rails'],
    ...['seller/mistakes', 'seller/records', 'facilitators', 'time', 'errors', 'lazy', 'wire'],
  ],
  'seller/guard': [
    ...['seller/options', 'seller/payment', 'seller/rails', 'seller/records'],
    ...['nevermined', 'time', 'errors', 'lazy', 'wire'],
  ],
  'seller/reply': [
    ...[
      'seller/answer',
      'seller/events',
      'seller/options',
      'seller/options/money',
      'seller/price',
      'seller/payment',
    ],
    ...['seller/records', 'errors', 'wire'],
  ],
  'seller/phases': [
    ...['seller/answer', 'seller/events', 'seller/options', 'seller/price', 'seller/payment'],
    ...['seller/guard', 'seller/rails', 'seller/records', 'seller/reply'],
    ...['time', 'errors', 'logger', 'wire'],
  ],
  seller: ['facilitators', 'nevermined', 'time', 'errors', 'lazy', 'logger', 'wire'],
  payments: ['seller', 'nevermined', 'checks', 'errors', 'wire'],

  store: ['seller/options', 'checks', 'time', 'errors', 'lazy', 'wire', 'version'],

  worker: [
    ...['seller/options', 'seller/options/money', 'seller/payment', 'seller/rails'],
    ...[
      'seller/records',
      'facilitators',
      'nevermined',
      'logger',
      'checks',
      'time',
      'errors',
      'wire',
    ],
  ],

  'store/operator': ['store', 'seller/options', 'errors', 'wire', 'version'],

  limits: ['checks', 'errors', 'wire'],

  'client/buying': ['limits', 'checks', 'time', 'errors', 'wire'],
  'client/http': ['client/buying', 'limits', 'checks', 'time', 'errors', 'wire'],
  'client/mcp': ['client/buying', 'checks', 'time', 'errors', 'wire'],
  client: ['limits', 'checks', 'time', 'errors', 'wire'],

  'agentcore/aws': ['checks', 'time', 'errors', 'lazy', 'wire', 'version'],
  'agentcore/manager': [
    ...['agentcore/aws', 'client/buying'],
    ...['limits', 'checks', 'time', 'errors', 'wire'],
  ],
  'agentcore/pay': [
    ...['agentcore/manager', 'agentcore/aws', 'client/buying'],
    ...['limits', 'checks', 'time', 'errors', 'wire'],
  ],
  'agentcore/setup': ['agentcore/manager', 'agentcore/aws', 'checks', 'time', 'errors', 'wire'],
  agentcore: ['client/buying', 'limits', 'checks', 'time', 'errors', 'wire', 'version'],

  'strands/options': ['agentcore/**', 'limits', 'checks', 'logger', 'time', 'errors', 'wire'],
  'strands/handlers': ['strands/options', 'agentcore/**', 'checks', 'errors', 'wire'],
  'strands/http-request': [
    ...['strands/handlers', 'strands/options', 'agentcore/**'],
    ...['checks', 'time', 'errors', 'wire', 'version'],
  ],
  'strands/pay': [
    ...['strands/handlers', 'strands/options', 'agentcore/**'],
    ...['limits', 'checks', 'logger', 'time', 'errors', 'wire'],
  ],
  strands: ['agentcore/**', 'limits', 'checks', 'logger', 'time', 'errors', 'wire', 'version'],

  'local/http': ['errors', 'wire'],
  'local/chain': ['errors', 'wire'],
  'local/kept': ['errors', 'wire'],
  testing: ['client/buying', 'errors', 'wire'],
  'local/function-url': ['local/http', 'local/lambda', 'wire'],
  'local/programs': [],
  'local/page': [
    ...['local/http', 'local/lines', 'local/chain', 'local/table', 'local/agentcore', 'local/x402'],
    ...['local/trial'],
    ...['local/gateway/protocol', 'local', 'seller/options/money'],
    ...['store/operator'],
    ...['version', 'wire'],
  ],
  // It runs in a browser, and takes only types from the stack.
  page: ['local/page'],
  'local/table': [
    ...['local/programs', 'store', 'store/operator', 'seller/options'],
    ...['errors', 'wire'],
  ],

  'local/module': [
    ...[
      'local/http',
      'local/lambda',
      'local/trial',
      'seller',
      'seller/options',
      'logger',
      'errors',
      'wire',
    ],
  ],
  'local/x402': [
    'local/http',
    'local/programs',
    'local/chain',
    'local/kept',
    'facilitators',
    'checks',
    'errors',
    'wire',
  ],
  'local/nevermined': ['local/http', 'local/chain', 'local/kept', 'errors', 'wire'],
  'local/lambda': ['local/http', 'local/chain', 'checks', 'errors', 'wire'],
  'local/gateway/protocol': ['local/http', 'local/lambda', 'checks', 'errors', 'wire', 'version'],
  'local/gateway/interceptors': [
    ...['local/gateway/protocol', 'local/http', 'local/lambda'],
    ...['errors', 'wire'],
  ],
  'local/gateway/targets': [
    ...['local/gateway/protocol', 'local/http', 'local/lambda'],
    ...['errors', 'wire'],
  ],
  'local/gateway/endpoints': [
    ...['local/gateway/targets', 'local/gateway/interceptors', 'local/gateway/protocol'],
    ...['local/http', 'local/lambda', 'errors', 'wire'],
  ],
  'local/gateway': ['local/http', 'errors', 'wire'],
  'local/agentcore/world': [
    ...['local/http', 'local/chain', 'local/kept', 'checks', 'errors', 'wire'],
  ],
  'local/agentcore/control': ['local/agentcore/world', 'local/http', 'errors', 'wire'],
  'local/agentcore/data': [
    ...['local/agentcore/control', 'local/agentcore/world', 'local/http', 'local/chain'],
    ...['errors', 'wire'],
  ],
  'local/agentcore': ['local/http', 'local/chain', 'checks', 'errors', 'wire'],
  'local/lines': [
    'local/http',
    'logger',
    'seller/options',
    'seller/options/money',
    'errors',
    'wire',
  ],
  'local/trial': ['local/http', 'seller', 'wire'],
  local: [
    'payments',
    'seller',
    'seller/options',
    'client/buying',
    'facilitators',
    'errors',
    'wire',
  ],

  index: ['payments', 'seller/**', 'facilitators', 'nevermined', 'errors', 'wire', 'logger'],
  'cli/output': [
    ...['seller/options', 'seller/options/money', 'store/operator', 'mistakes', 'wire'],
  ],
  'cli/lines': ['cli/output', 'local/lines', 'wire'],
  'cli/init': ['cli', 'cli/output'],
  'cli/buy': [
    ...['cli', 'cli/output', 'client', 'client/buying', 'client/http', 'client/mcp', 'agentcore'],
    ...['local', 'local/chain', 'local/nevermined', 'payments', 'seller/options/money'],
    ...['mistakes', 'errors', 'version', 'wire'],
  ],
  'cli/reasons': ['errors', 'wire'],
  'cli/inspect': [
    ...['cli', 'cli/output', 'cli/reasons', 'local/lines', 'local/page'],
    ...['client/buying', 'nevermined', 'seller/options/money', 'mistakes', 'wire'],
  ],
  'cli/inspect/terms': ['cli/inspect', 'cli/output', 'seller/options/money', 'wire'],
  'cli/inspect/find': ['cli/inspect', 'nevermined', 'wire'],
  'cli/local': [...['local', 'local/**', 'cli', 'cli/output', 'cli/lines', 'errors', 'wire']],
  'cli/payments': [
    ...['cli', 'cli/output', 'store', 'store/operator', 'seller/options', 'seller/records'],
    ...['errors', 'wire'],
  ],
  'cli/doctor/gateway': ['cli/doctor', 'agentcore/aws', 'time', 'errors', 'wire'],
  'cli/doctor': [
    ...['cli', 'cli/buy'],
    ...[
      'cli/inspect',
      'cli/output',
      'local',
      'local/module',
      'local/trial',
      'local/lines',
      'client/http',
    ],
    ...['client/buying', 'client/mcp', 'seller', 'seller/options', 'seller/options/money'],
    ...['seller/mistakes', 'store/operator', 'payments', 'nevermined', 'facilitators'],
    ...['mistakes', 'time', 'errors', 'wire'],
  ],
  cli: [
    ...['local/**', 'store', 'store/operator', 'seller/options', 'seller/records'],
    ...['errors', 'version', 'wire'],
  ],
}

/** Only these lie in `src/` itself. */
const AT_THE_ROOT = [
  ...['checks.ts', 'cli.ts', 'index.ts', 'lazy.ts', 'logger.ts', 'payments.ts', 'version.ts'],
]

const roomOf = (file: string): string =>
  path.dirname(file) === '.' ? path.basename(file, '.ts') : path.dirname(file)

const ours = imports.filter(({ to }) => files.includes(to))

function mayImport(from: string, to: string): boolean {
  if (from === to || to.startsWith(`${from}/`)) return true
  return (MAY_IMPORT[from] ?? []).some((room) =>
    room.endsWith('/**')
      ? to === room.slice(0, -3) || to.startsWith(room.slice(0, -2))
      : to === room,
  )
}

test('every import of a file of ours is understood, and every room has its rule', () => {
  expect(ours.length).toBeGreaterThan(1_000)
  expect(imports.filter(({ to }) => to.endsWith('.ts') && !files.includes(to))).toEqual([])
  expect([...new Set(files.map(roomOf))].filter((room) => !(room in MAY_IMPORT))).toEqual([])
  expect(Object.keys(MAY_IMPORT).filter((room) => !files.map(roomOf).includes(room))).toEqual([])
})

test('a room imports the rooms that its rule names, types included', () => {
  const against = ours.filter(({ from, to }) => !mayImport(roomOf(from), roomOf(to)))
  expect(against.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
})

test('no files import each other in a circle, types included', () => {
  expect(circlesIn(ours)).toEqual([])
})

test.each([1, 2, 3])('no rooms import each other in a circle, at depth %i', (depth) => {
  const at = (file: string): string => roomOf(file).split('/').slice(0, depth).join('/')
  const between = ours.map(({ from, to }) => ({ from: at(from), to: at(to) }))
  // A parent's own files may import its sub-rooms.
  const arrows = between.filter(({ from, to }) => from !== to && !to.startsWith(`${from}/`))
  expect(circlesIn(arrows)).toEqual([])
})

test('a circle is found where there is one', () => {
  const arrows: Arrow[] = ['ab', 'bc', 'ca', 'cd', 'ee', 'fa'].map(([from = '', to = '']) => ({
    from,
    to,
  }))
  expect(circlesIn(arrows)).toEqual([['a', 'b', 'c'], ['e']])
})

test('nothing but the doors and the leaves lies in src itself, and no folder is crowded', () => {
  expect(files.filter((file) => path.dirname(file) === '.').sort()).toEqual(AT_THE_ROOT)
  const folders = files.map((file) => path.dirname(file))
  const crowded = folders.filter((one, _, all) => all.filter((it) => it === one).length > 20)
  expect([...new Set(crowded)]).toEqual([])
})
