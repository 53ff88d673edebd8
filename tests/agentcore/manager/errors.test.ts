import { expect, test } from '@jest/globals'
import {
  AwsError,
  InsufficientBudget,
  InvalidPaymentInstrument,
  PaymentError,
  PaymentInstrumentNotFound,
  PaymentSessionExpired,
  PaymentSessionNotFound,
} from '../../../src/agentcore/index.js'
import {
  NO_INSTRUMENT,
  NO_SESSION,
  OPERATE,
  OPERATION_NAMES,
  type OperationName,
} from '../support/manager-operations.js'
import { failure, instead, setup } from '../support/payment-manager.js'

const NAMES = {
  AwsError,
  InsufficientBudget,
  InvalidPaymentInstrument,
  PaymentInstrumentNotFound,
  PaymentSessionExpired,
  PaymentSessionNotFound,
}

/** What a method throws when AWS answers with an error. */
async function thrown(operation: OperationName, name: string, status: number, message: string) {
  const { managerWith, buyer } = await setup()
  buyer.service.faults.set({ operation, kind: 'error', name, status, message })
  return failure(OPERATE[operation](managerWith({ maxAttempts: 1 })))
}

test.each<[OperationName, string, string, keyof typeof NAMES]>([
  ['GetPaymentInstrument', 'ResourceNotFoundException', 'Gone', 'PaymentInstrumentNotFound'],
  ['GetPaymentInstrument', 'ValidationException', 'Not found: it', 'PaymentInstrumentNotFound'],
  ['GetPaymentInstrument', 'ResourceNotFoundException', 'Payment manager not found', 'AwsError'],
  [
    'GetPaymentInstrumentBalance',
    'ResourceNotFoundException',
    `Payment instrument ${NO_INSTRUMENT} does not exist`,
    'PaymentInstrumentNotFound',
  ],
  [
    'GetPaymentInstrumentBalance',
    'ResourceNotFoundException',
    'Payment connector not found for the instrument',
    'AwsError',
  ],
  ['DeletePaymentInstrument', 'ResourceNotFoundException', '', 'PaymentInstrumentNotFound'],
  ['DeletePaymentInstrument', 'ConflictException', 'In use', 'AwsError'],
  ['GetPaymentSession', 'ResourceNotFoundException', 'No such session', 'PaymentSessionNotFound'],
  ['GetPaymentSession', 'ValidationException', 'session was not found', 'PaymentSessionNotFound'],
  ['GetPaymentSession', 'AccessDeniedException', 'Unauthorized', 'AwsError'],
  ['GetPaymentSession', 'AccessDeniedException', 'role not found', 'AwsError'],
  ['GetPaymentInstrument', 'ConflictException', 'not found', 'AwsError'],
  ['DeletePaymentSession', 'ResourceNotFoundException', 'Gone', 'PaymentSessionNotFound'],
  ['DeletePaymentSession', 'ResourceNotFoundException', 'manager not found', 'AwsError'],
  ['CreatePaymentSession', 'ConflictException', 'expiry', 'AwsError'],
  ['CreatePaymentInstrument', 'ValidationException', 'instrument not allowed', 'AwsError'],
  ['CreatePaymentInstrument', 'ResourceNotFoundException', 'connector not found', 'AwsError'],
  ['ListPaymentSessions', 'ResourceNotFoundException', 'manager not found', 'AwsError'],
])('%s: %s "%s" is a %s', async (operation, name, message, expected) => {
  const error = await thrown(operation, name, 400, message)
  expect(error).toBeInstanceOf(NAMES[expected])
  expect(error).toMatchObject({ name: expected, cause: { name } })
  expect(String(error)).toContain(`${operation}: ${name}`)
})

test.each<[string, keyof typeof NAMES]>([
  ['Insufficient budget in session', 'InsufficientBudget'],
  ['The payment exceeds the remaining limit of the session', 'InsufficientBudget'],
  ['maxSpendAmount of the session is used up', 'InsufficientBudget'],
  ['Insufficient funds in the instrument', 'InsufficientBudget'],
  [`Payment session ${NO_SESSION} has expired`, 'PaymentSessionExpired'],
  ['Session expired', 'PaymentSessionExpired'],
  ['It has expired', 'PaymentSessionExpired'],
  [`Session of instrument ${NO_INSTRUMENT}: session is not active`, 'PaymentSessionExpired'],
  ['The challenge has expired', 'AwsError'],
  [`Payment instrument ${NO_INSTRUMENT} is inactive: it is BLOCKED`, 'InvalidPaymentInstrument'],
  ['The instrument is not active in this session', 'InvalidPaymentInstrument'],
  ['Instrument expired', 'InvalidPaymentInstrument'],
  ['Inactive', 'InvalidPaymentInstrument'],
  ['instrument session not found', 'PaymentSessionNotFound'],
  [`Payment session not found: ${NO_SESSION}`, 'PaymentSessionNotFound'],
  [
    `Session ${NO_SESSION} could not be found for instrument ${NO_INSTRUMENT}`,
    'PaymentSessionNotFound',
  ],
  [`No such session: it is not that of ${NO_INSTRUMENT}`, 'PaymentSessionNotFound'],
  [`Instrument ${NO_INSTRUMENT} not found in session ${NO_SESSION}`, 'PaymentInstrumentNotFound'],
  ['Payment instrument does not exist', 'PaymentInstrumentNotFound'],
  ['Payment manager not found', 'AwsError'],
  ['The scheme is not known', 'AwsError'],
])('ProcessPayment: a ValidationException "%s" is a %s', async (message, expected) => {
  const error = await thrown('ProcessPayment', 'ValidationException', 400, message)
  expect(error).toMatchObject({ name: expected, cause: { name: 'ValidationException' } })
  expect(error).toBeInstanceOf(NAMES[expected])
})

test.each<[string, keyof typeof NAMES]>([
  [`Session ${NO_SESSION} was not found`, 'PaymentSessionNotFound'],
  [NO_SESSION, 'PaymentSessionNotFound'],
  ['instrument session not found', 'PaymentSessionNotFound'],
  [`Resource ${NO_INSTRUMENT} was not found`, 'PaymentInstrumentNotFound'],
  ['The instrument of the budget was not found', 'PaymentInstrumentNotFound'],
  ['Payment connector not found', 'AwsError'],
  ['Gone', 'AwsError'],
])('ProcessPayment: a ResourceNotFoundException "%s" is a %s', async (message, expected) => {
  const error = await thrown('ProcessPayment', 'ResourceNotFoundException', 404, message)
  expect(error).toMatchObject({ name: expected, cause: { name: 'ResourceNotFoundException' } })
})

test.each([
  ['AccessDeniedException', 403, 'The session of the instrument has no budget'],
  ['AccessDeniedException', 403, 'The session was not found'],
  ['ConflictException', 409, 'session expired'],
  ['ServiceQuotaExceededException', 402, 'insufficient'],
  ['SubscriptionRequiredException', 402, 'instrument'],
  ['ThrottlingException', 429, 'budget'],
])('ProcessPayment: a %s is itself, whatever it says', async (name, status, message) => {
  const error = await thrown('ProcessPayment', name, status, message)
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toMatchObject({ name: 'AwsError', code: `aws.${name}` })
})

test.each(OPERATION_NAMES)('%s: every other error of AWS is an AwsError', async (operation) => {
  const error = await thrown(operation, 'ThrottlingException', 429, 'Rate exceeded')
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toBeInstanceOf(PaymentError)
  expect(error).toMatchObject({
    code: 'aws.ThrottlingException',
    message: `${operation}: ThrottlingException: Rate exceeded`,
    cause: {
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      httpStatus: 429,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      attempts: 1,
    },
  })
})

test('an error AWS has not told us of keeps its name', async () => {
  const error = await thrown('GetPaymentSession', 'TeapotException', 418, 'short and stout')
  expect(error).toMatchObject({ code: 'aws.TeapotException' })
})

const FIELDS: [string, keyof typeof NAMES][] = [
  ['paymentInstrumentId', 'InvalidPaymentInstrument'],
  ['paymentInput.cryptoX402', 'AwsError'],
  ['paymentSessionId', 'AwsError'],
]

test.each(FIELDS)(
  'ProcessPayment: a field %s that does not fit is a %s',
  async (name, expected) => {
    const manager = await instead((_, response) => {
      const fieldList = [{ name, message: 'Member must satisfy something' }]
      const body = { message: '1 validation error', reason: 'FieldValidationFailed', fieldList }
      response.writeHead(400, { 'x-amzn-errortype': 'ValidationException' })
      response.end(JSON.stringify(body))
    })
    expect(await failure(OPERATE.ProcessPayment(manager))).toMatchObject({ name: expected })
  },
)

test('the fields of an error say what a ResourceNotFoundException does not', async () => {
  const manager = await instead((_, response) => {
    const fieldList = [{ name: 'paymentSessionId', message: 'Is not there' }, 7, { name: 7 }]
    response.writeHead(400, { 'x-amzn-errortype': 'ValidationException' })
    response.end(JSON.stringify({ message: 'Not found', fieldList }))
  })
  expect(await failure(OPERATE.ProcessPayment(manager))).toBeInstanceOf(PaymentSessionNotFound)
})

test('an expiry that does not fit is told by its field', async () => {
  const manager = await instead((_, response) => {
    const fieldList = [{ name: 'expiryTimeInMinutes', message: 'Too much' }]
    response.writeHead(400, { 'x-amzn-errortype': 'ValidationException' })
    response.end(JSON.stringify({ message: '1 validation error', fieldList }))
  })
  const error = await failure(manager.createPaymentSession({ expiryTimeInMinutes: 999 }))
  expect(error).toMatchObject({ code: 'invalid_input' })
})

test('where to subscribe is said, if it is a page of AWS', async () => {
  const urls = [
    'https://aws.amazon.com/marketplace/pp/prodview-abc123',
    'https://evil.example/amazon.com/',
  ]
  const manager = await instead((_, response) => {
    response.writeHead(402, { 'x-amzn-errortype': 'SubscriptionRequiredException' })
    response.end(JSON.stringify({ message: 'Subscribe first', subscriptionUrl: urls.shift() }))
  })
  expect(await failure(OPERATE.ProcessPayment(manager))).toMatchObject({
    code: 'aws.SubscriptionRequiredException',
    message:
      'ProcessPayment: SubscriptionRequiredException: Subscribe first: subscribe at https://aws.amazon.com/marketplace/pp/prodview-abc123',
  })
  expect(await failure(OPERATE.ProcessPayment(manager))).toMatchObject({
    message: 'ProcessPayment: SubscriptionRequiredException: Subscribe first',
  })
})
