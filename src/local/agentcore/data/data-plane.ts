import { getBalance } from './balance.js'
import * as shapes from './data-plane-shapes.js'
import {
  createInstrument,
  deleteInstrument,
  getInstrument,
  listInstruments,
} from './instruments.js'
import { does, type Operation } from '../world/operations.js'
import { processPayment } from './process-payment.js'
import { createSession, deleteSession, getSession, listSessions } from './sessions.js'

/** The operations of `bedrock-agentcore`. Each is a POST to its own name. */
export const DATA_PLANE: readonly Operation[] = [
  post('CreatePaymentInstrument', 201, does(shapes.CreatePaymentInstrumentInput, createInstrument)),
  post('GetPaymentInstrument', 200, does(shapes.GetPaymentInstrumentInput, getInstrument)),
  post(
    'GetPaymentInstrumentBalance',
    200,
    does(shapes.GetPaymentInstrumentBalanceInput, getBalance),
  ),
  post('ListPaymentInstruments', 200, does(shapes.ListPaymentInstrumentsInput, listInstruments)),
  post('DeletePaymentInstrument', 200, does(shapes.DeletePaymentInstrumentInput, deleteInstrument)),
  post('CreatePaymentSession', 201, does(shapes.CreatePaymentSessionInput, createSession)),
  post('GetPaymentSession', 200, does(shapes.GetPaymentSessionInput, getSession)),
  post('ListPaymentSessions', 200, does(shapes.ListPaymentSessionsInput, listSessions)),
  post('DeletePaymentSession', 200, does(shapes.DeletePaymentSessionInput, deleteSession)),
  post('ProcessPayment', 200, does(shapes.ProcessPaymentInput, processPayment)),
]

function post(name: string, status: number, done: Pick<Operation, 'shape' | 'run'>): Operation {
  const path = `/payments/${name.charAt(0).toLowerCase()}${name.slice(1)}`
  return { name, method: 'POST', path, status, ...done }
}
