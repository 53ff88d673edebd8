import { describe, expect, test } from '@jest/globals'
import {
  OptionsError,
  createInterceptor,
  memoryStore,
  requiresPayment,
} from '../../../src/index.js'
import { hello } from '../../support/seller.js'

const facilitator = {
  verifyPermissions: () => Promise.resolve({}),
  settlePermissions: () => Promise.resolve({}),
}
const getPlan = () => Promise.resolve({})
const plans = { getPlan, getPlanBalance: () => Promise.resolve({}) }
const payments = { facilitator, plans }
const TERMS = { planId: 'p', scheme: 'nvm:erc4337', network: 'eip155:84532' }
const PLAN = { ...TERMS, payments }
const withoutReservations = () => {
  const store = memoryStore()
  return {
    scope: store.scope,
    add: store.add.bind(store),
    read: store.read.bind(store),
    replace: store.replace.bind(store),
    remove: store.remove.bind(store),
    readAnswer: store.readAnswer.bind(store),
  }
}
const MONEY = {
  price: '$0.01',
  payTo: '0x' + '11'.repeat(20),
  network: 'eip155:84532',
  facilitators: [{ verify: hello, settle: hello, getSupported: hello }],
}

const REFUSED: [string, object, string, RegExp][] = [
  [
    'upfront',
    { ...PLAN, flow: 'upfront' },
    'overdraftGuard',
    /not with flow 'upfront'.*Leave one of the two out/,
  ],
  [
    'overlap',
    { ...PLAN, flow: 'overlap' },
    'overdraftGuard',
    /not with flow 'overlap'.*Leave one of the two out/,
  ],
  [
    'a card',
    { ...PLAN, scheme: 'nvm:card-delegation', network: 'stripe' },
    'overdraftGuard',
    /"nvm:card-delegation".*Leave overdraftGuard out/,
  ],
  [
    'a store without reservations',
    { ...PLAN, paymentStore: withoutReservations() },
    'paymentStore',
    /inFlight, reserve, endReservation, such as dynamoDbStore/,
  ],
  [
    'a client that does not tell balances',
    { ...TERMS, payments: { facilitator, plans: { getPlan } } },
    'overdraftGuard',
    /needs payments with plans\.getPlan and plans\.getPlanBalance, such as Payments\.getInstance/,
  ],
  [
    'a client that looks up no plans',
    { ...TERMS, payments: { facilitator } },
    'overdraftGuard',
    /needs payments with plans\.getPlan and plans\.getPlanBalance/,
  ],
  [
    'a facilitator alone',
    { ...TERMS, facilitator },
    'overdraftGuard',
    /needs payments with plans\.getPlan and plans\.getPlanBalance/,
  ],
  ['money alone', MONEY, 'overdraftGuard', /only together with a plan/],
]

const SECRET = 'x'.repeat(32)
const DOORS = {
  requiresPayment: (options: object) => requiresPayment(hello, options as never),
  createInterceptor: (options: object) =>
    createInterceptor({ ...options, secret: SECRET } as never),
}
/** An interceptor has no handler beside which verify could run, with or without the guard. */
const isOfDoor = (call: string, [name]: (typeof REFUSED)[number]): boolean =>
  call === 'requiresPayment' || name !== 'overlap'

describe.each(Object.entries(DOORS))('%s', (call, make) => {
  const refused = REFUSED.filter((row) => isOfDoor(call, row))
  test.each(refused)('refuses the guard: %s', (_, options, option, expected) => {
    const thrown = (() => {
      try {
        return make({ ...options, overdraftGuard: true })
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(OptionsError)
    expect((thrown as OptionsError).option).toBe(option)
    expect((thrown as OptionsError).message).toMatch(expected)
    expect((thrown as OptionsError).call).toBe(call)
  })
})

test('anything but true or false is refused', () => {
  expect(() => requiresPayment(hello, { ...PLAN, overdraftGuard: 'yes' } as never)).toThrow(
    OptionsError,
  )
})

test('it is taken with a plan, by both doors, and false changes nothing', () => {
  expect(requiresPayment(hello, { ...PLAN, overdraftGuard: true })).toBeInstanceOf(Function)
  expect(createInterceptor({ ...PLAN, overdraftGuard: true })).toHaveProperty('handle')
  const options = { ...PLAN, flow: 'upfront', overdraftGuard: false } as const
  expect(
    requiresPayment(hello, { ...options, paymentStore: withoutReservations() }),
  ).toBeInstanceOf(Function)
})
