import type { Facilitator, SellerPayments } from '../../nevermined/facilitator.js'
import type { PaymentFlow } from './flow-checks.js'
import type { Logger } from '../../logger.js'
import type { AssetOptions } from './money/asset-options.js'
import type { CorsOptions } from './cors-options.js'
import type { HookOptions } from './hook-options.js'
import type { SettlementOptions } from './settlement-options.js'
import type { StoreOptions } from './store-options.js'
import type { Credits, CreditsPrice, ToolOptions, Validate } from './tool-options.js'
import type { FacilitatorClient } from '../../facilitators/facilitator-client.js'
import type { CreditsSource } from '../answer/answer.js'

interface CommonOptions extends AssetOptions, HookOptions, StoreOptions, SettlementOptions {
  /**
   * In which order a call is verified, run and settled, and so who bears which risk.
   * - `'authorization'`: verify, run, settle. That is two trips to a facilitator. The buyer pays for results only. The
   *   seller works for nothing if a settlement fails after a good verify.
   * - `'upfront'`: settle, run. That is one trip, and there is no work without payment. The buyer pays for a run that
   *   may fail. A refund is then due: the answer, `onRefundDue` and `onEvent` say so. The price must be known before
   *   the run. On chains it is announced as `extra.paymentFlow`, which buyers may refuse.
   * - `'overlap'`: verify beside the run, then settle. This is for handlers without side effects. If the payment turns
   *   out bad, the result is dropped and `payment.signal` is aborted. Interceptors cannot use it.
   *
   * @default 'authorization'
   */
  flow?: PaymentFlow | undefined
  /**
   * The price of a call in credits. The price is verified before the handler runs. After the run the price is settled,
   * unless the handler names another amount. A call for 0 is free if there is no `maxCredits`. If a function gives no good price,
   * the call is refused before anything runs. Unit: credits of a plan, 0 or more.
   *
   * @default 1
   */
  credits?: CreditsPrice | undefined
  /**
   * The most that a call may settle. This much is verified up front. A price above it refuses the call. A
   * `creditsToCharge` above it settles this much. Without it, `credits` is verified, and what the handler names is
   * settled as given. Unit: credits of a plan, 0 or more.
   *
   * @default none
   */
  maxCredits?: Credits | undefined
  /**
   * Where the handler's answer may name its own price, `creditsToCharge`. The order is always meta, header, content,
   * body. With any source but `'meta'`, a buyer who can influence the text of an answer can influence the price. A
   * Lambda target behind an interceptor needs `'content'` to name its price, or to say that it failed (`isError`). The
   * Gateway turns the target's result into text.
   *
   * @default ['meta']
   */
  creditsFrom?: readonly CreditsSource[] | undefined
  /**
   * Prices per tool, by full name (`Target___tool`) or bare name. The full name wins. `'free'` runs the handler free of
   * charge. A tool without a row costs what stands beside `tools`. If nothing stands there, the tool is refused as
   * unknown (JSON-RPC −32602). A name that differs from a row only in case or Unicode form is refused too. Names above
   * 256 characters and paths above 2048 need a row of their own. `x_amz_bedrock_agentcore_search` is treated like
   * `otherMethods` methods, unless it has a row.
   *
   * @default none
   */
  tools?: Readonly<Record<string, ToolOptions | 'free'>> | undefined
  /**
   * The tools that exist beside the rows of `tools`, by full or bare name. They cost what stands beside `tools`. A call
   * of any other tool is refused as unknown: nothing runs, nothing is charged.
   *
   * @default none: with a price beside `tools`, every name is sold, whether there is such a tool or not
   */
  toolNames?: readonly string[] | undefined
  /**
   * The scheme of the payments. With `price` this is the scheme of the price: `'exact'` or `'upto'`. `'upto'` charges
   * what the handler says in `_meta.amountToCharge`, at most `price`. Without `price` this is the x402 scheme of every
   * plan, e.g. `nvm:erc4337`.
   *
   * @default 'exact' with `price`. Schemes of plans are looked up, and kept for 5 minutes
   */
  scheme?: string | undefined
  /**
   * The CAIP-2 network of the payments, e.g. `eip155:84532`. With `price` it is the network of the price, and required.
   * Without `price` it is the network of every plan.
   *
   * @default none with `price`. Networks of plans are looked up, and kept for 5 minutes
   */
  network?: string | undefined
  /**
   * What the buyer is told of the resource, as `resource.description`.
   *
   * @default none
   */
  description?: string | undefined
  /**
   * The type of the answer, which the buyer is told as `resource.mimeType`.
   *
   * @default none
   */
  mimeType?: string | undefined
  /**
   * The HTTP header that a payment may come in, or a list of them, in any case. The first value that decodes as a
   * payment wins, else the first that is there. A leading `Bearer ` is dropped.
   *
   * @default 'payment-signature'
   */
  tokenHeader?: string | readonly string[] | undefined
  /**
   * The JSON-RPC methods that cost. Methods other than `tools/call` are refused by a JSON-RPC error, and have the price
   * that stands beside `tools`.
   *
   * @default ['tools/call']
   */
  billableMethods?: readonly string[] | undefined
  /**
   * Who answers the methods that are not sold. A handler that runs free must look at `method`: the caller chooses the
   * method and sends any `params`.
   * - `'gateway'`: the Gateway answers them, without payment. Events without a Gateway (Function URL, API Gateway, load
   *   balancer) go to the handler free of charge if their method only describes a server. These are `initialize`,
   *   `ping`, `server/discover`, `logging/setLevel`, the lists of tools, prompts and resources, and notifications. An
   *   answer that is no result of that method is withheld, and the handler does not run for it again. All other methods
   *   are unknown (JSON-RPC −32601): nothing runs.
   * - A list of methods, e.g. `['prompts/get', 'resources/read']`: the handler answers these too, free of charge,
   *   whatever it answers.
   * - `'handler'`: the handler answers every method of MCP free of charge, behind a Gateway too.
   *
   * @default 'gateway'
   */
  otherMethods?: 'gateway' | 'handler' | readonly string[] | undefined
  /**
   * What the HTTP targets of a Gateway speak (events with an `http` key). The seller says which, since a request that
   * could choose would choose to be free.
   * - `'http'`: every request is a call. `tools` prices it under `POST /path` or `/path`. It is refused with HTTP 402,
   *   and `billableMethods` does not count.
   * - `'mcp'`: the targets are MCP servers. Their messages are sold as everywhere else.
   *
   * @default 'http'
   */
  httpTargets?: 'http' | 'mcp' | undefined
  /**
   * What Function URLs, API Gateway and load balancers bring.
   * - `'mcp'`: JSON-RPC messages.
   * - `'http'`: every request is a call. `tools` prices it under `GET /path` or `/path`, as in the event's `rawPath` or
   *   `path`. It is refused with HTTP 402.
   *
   * @default 'mcp'
   */
  httpEvents?: 'http' | 'mcp' | undefined
  /**
   * Lets web pages of other origins buy. Our own answers (challenges, refusals, receipts) then say so, preflights of
   * browsers are answered, and pages may read the headers of payments. `true` means every origin. An answer of the
   * handler that has `Access-Control-Allow-Origin` keeps it.
   *
   * Without this option, our own answers say nothing of origins. Preflights go to the handler of `requiresPayment`, free
   * of charge and without their bodies. A Function URL and an HTTP API can do the same with a CORS configuration of
   * their own. Then leave this out, and list `payment-required` and `payment-response` in its `ExposeHeaders`.
   *
   * @default none
   */
  cors?: true | CorsOptions | undefined
  /**
   * Whether the target gets the caller's `Authorization`, if that is a bearer JWT. It then takes the place of the
   * target's own credentials.
   *
   * @default false
   */
  forwardAuthorization?: boolean | undefined
  /**
   * Checks the input of a call before its price is computed and before any facilitator is asked. Bad input is answered
   * with `isError` and the reason, or with 400 over plain HTTP. Nothing runs, and nothing is charged. Free tools are
   * checked too; methods that are not sold are not. An interceptor checks at REQUEST. Say the same of the same input
   * each time: a buyer who comes back with a payment is checked again.
   *
   * @default none
   */
  validate?: Validate | undefined
  /**
   * Whether the challenge of an MCP call stands in `structuredContent` as well as in its text. Clients of the MCP SDK
   * 1.x check it against the tool's `outputSchema`, and report a broken answer instead of the challenge. An interceptor
   * at RESPONSE and a handler behind a Function URL make the schemas in `tools/list` fit. `requiresPayment` at REQUEST of
   * a Gateway cannot: set `false` there for priced tools with an `outputSchema`. Buyers then read the challenge from the
   * text.
   *
   * @default true
   */
  structuredChallenge?: boolean | undefined
  /**
   * What to log through: an object with `debug`, `info`, `warn` and `error`.
   *
   * @default a Powertools `Logger` named `agentcore-x402`, level WARN
   */
  logger?: Logger | undefined
  /**
   * The clock, to replace in tests. It tells the age of what is cached, how long payments are valid, and the time of
   * events. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

/** Who verifies and settles payments from plans. Payments in money go to the `facilitators`. */
type SellerOptions =
  | {
      /**
       * Verifies and settles credits: our `Payments`, or an instance of the official `@nevermined-io/payments`. Required
       * for plans, unless `facilitator` is given.
       *
       * @default none
       */
      payments: SellerPayments
      facilitator?: undefined
    }
  | {
      payments?: undefined
      /**
       * Verifies and settles credits in place of `payments`, as an object of two functions. Then `scheme` and `network`
       * are required.
       *
       * @default none
       */
      facilitator: Facilitator
      scheme: string
      network: string
    }
  | { payments?: undefined; facilitator?: undefined; facilitators: readonly FacilitatorClient[] }

/** One plan, several, or none if every tool names its own. */
type PlanOptions =
  | {
      /**
       * The Nevermined plan that pays. Not together with `planIds`.
       *
       * @default none
       */
      planId?: string | undefined
      planIds?: undefined
    }
  | {
      planId?: undefined
      /**
       * The Nevermined plans that can pay. The challenge has one entry for each. Not together with `planId`.
       *
       * @default none
       */
      planIds?: readonly string[] | undefined
    }

/** Nevermined refuses an agent without a resource URL (`BCK.X402.0012`), so they come together. */
type AgentOptions =
  | {
      agentId?: undefined
      /**
       * What is sold, as `resource.url` of every call. Required with `agentId`. For a plain request the default is the
       * URL that was called, without its query. A Gateway does not tell its domain, so there it is the path. Buyers of
       * x402 v1 refuse a path, since they want an absolute URL.
       *
       * @default `mcp://tool/<full tool name>`
       */
      endpoint?: string | undefined
    }
  | {
      /**
       * The agent that is registered at Nevermined. Buyers see it as `accepts[].extra.agentId`.
       *
       * @default none
       */
      agentId: string | undefined
      endpoint: string | undefined
    }

/** Options of `requiresPayment`. Unknown names and empty strings are refused when the wrapper is made. */
export type RequiresPaymentOptions = CommonOptions & SellerOptions & PlanOptions & AgentOptions
