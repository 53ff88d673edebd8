import type { Context } from 'aws-lambda'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import type { ToolAssetOptions } from './money/asset-options.js'

/** Whole credits: an integer from 0, never a fraction and never a string. */
export type Credits = number | bigint

/**
 * The price of a call in credits: fixed, or computed once for each call. A function gets the event without its payment.
 * The arguments in the event are the caller's and unchecked.
 */
export type CreditsPrice =
  | Credits
  | ((event: GatewayEvent, context: Context | undefined) => Credits | Promise<Credits>)

/**
 * The check of a call's input. It gets the event without its payment, and says what is wrong.
 * - `undefined`, `null`, `true`, an empty text, or any other value: the input is good.
 * - A text: the input is refused, and the caller is told this text.
 * - `false`, or a result with `issues` or with `success: false`, as checks of schemas return it: the input is refused.
 * - A throw: the input is refused, and the caller is told the message of the error, or its `issues`.
 * - A throw of a system, e.g. a database that cannot be reached: the error or its cause has a `code`. The caller is not
 *   blamed: the answer is 503, and the message is only logged. The same holds for a check that takes longer than 10 s.
 */
export type Validate = (event: GatewayEvent, context: Context | undefined) => unknown

/** The price of one tool. What is left out has the value that stands beside `tools`. */
export interface ToolOptions extends ToolAssetOptions {
  /**
   * The plan that pays for this tool. Not together with `planIds`.
   *
   * @default the plans beside `tools`
   */
  planId?: string | undefined
  /**
   * The plans that can pay for this tool. The challenge has one entry for each. Not together with `planId`.
   *
   * @default the plans beside `tools`
   */
  planIds?: readonly string[] | undefined
  /**
   * The price of a call of this tool. Unit: credits of a plan, 0 or more.
   *
   * @default `credits` beside `tools`
   */
  credits?: CreditsPrice | undefined
  /**
   * The most that a call of this tool may settle. Unit: credits of a plan, 0 or more.
   *
   * @default `maxCredits` beside `tools`
   */
  maxCredits?: Credits | undefined
  /**
   * What the buyer is told of this tool, as `resource.description`.
   *
   * @default `description` beside `tools`
   */
  description?: string | undefined
  /**
   * Whether answers of this tool are kept for a buyer who comes back.
   *
   * @default `keepAnswers` beside `tools`
   */
  keepAnswers?: boolean | undefined
  /**
   * Whether challenges for this tool have `structuredContent`.
   *
   * @default `structuredChallenge` beside `tools`
   */
  structuredChallenge?: boolean | undefined
  /**
   * The check of this tool's input. It takes the place of the check beside `tools`.
   *
   * @default `validate` beside `tools`
   */
  validate?: Validate | undefined
}
