import { expect, test } from '@jest/globals'
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
const PLAN = { facilitator, planId: 'p', scheme: 'nvm:erc4337', network: 'eip155:84532' }
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
  ['money alone', MONEY, 'overdraftGuard', /only together with a plan/],
]

test.each(REFUSED)('the guard is refused at the start: %s', (_, options, option, expected) => {
  const given = { ...options, overdraftGuard: true } as never
  const thrown = (() => {
    try {
      return requiresPayment(hello, given)
    } catch (error) {
      return error
    }
  })()
  expect(thrown).toBeInstanceOf(OptionsError)
  expect((thrown as OptionsError).option).toBe(option)
  expect((thrown as OptionsError).message).toMatch(expected)
  expect((thrown as OptionsError).call).toBe('requiresPayment')
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
