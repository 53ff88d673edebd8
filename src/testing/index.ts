export { recordingPayer } from './recording-payer.js'
export type { AskedPayment, RecordingPayer } from './recording-payer.js'
export type {
  PayFunction,
  Payer,
  PayerAnswer,
  PayerCall,
  PlanBalances,
  Protocol,
} from '../client/buying/payer.js'
export type { MppChallenge, MppRequest } from '../wire/mpp.js'
export type { Challenge, Requirement, RequirementV1 } from '../wire/x402-challenge.js'
export { scriptedModel } from './scripted.js'
export type { ScriptedModel } from './scripted-model.js'
export type { ScriptedCall, ScriptedSaying, ScriptedTurn } from './turns.js'
export { OptionsError, PaymentError } from '../errors/payment-error.js'
