import { optionalInteger } from '../../checks.js'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { OptionsError } from '../../errors/payment-error.js'

/** Options of `startLambda`. */
export interface LambdaProcessOptions {
  /** The module that holds the handler, ESM or CommonJS: `bundle/handler.mjs`. */
  file: string
  /**
   * The name of its export.
   *
   * @default 'handler'
   */
  handler?: string
  /**
   * The function's environment variables. It gets these and those that Lambda sets, and none of this process. Lambda's
   * own cannot be replaced, except `AWS_REGION` (by default `us-east-1`), `PATH`, `NODE_PATH`, `LANG` and `TZ`. AWS
   * credentials are not set: give them here if the function needs some.
   *
   * @default none
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
   */
  env?: Record<string, string>
  /**
   * The name of the function.
   *
   * @default 'local'
   */
  functionName?: string
  /**
   * What the context says, and what Node's heap is held to. Other memory is not limited. Unit: MB, 128 to 10 240.
   *
   * @default 128
   */
  memoryLimitMb?: number
  /**
   * How long loading the module may take. Lambda tries once more, within the first invocation's time. Here it is an
   * error. Unit: ms, 1 to 900 000.
   *
   * @default 10_000
   */
  initTimeoutMs?: number
  /**
   * The Node binary to run it with.
   *
   * @default process.execPath
   */
  nodePath?: string
  /**
   * Gets the lines that the function writes to stdout and stderr.
   *
   * @default none: they go to stderr of this process
   */
  onLog?: (line: string) => void
  /**
   * Whether the process is stopped between invocations, as Lambda freezes it. This shows code that relies on timers or
   * sockets between calls: they stand still, and then find that much time has passed. Not on Windows.
   *
   * @default false
   */
  freeze?: boolean
  /**
   * How many invocations can run at once. Further ones wait. Unit: invocations, 1 to 1000.
   *
   * @default 10
   */
  maxEnvironments?: number
  /**
   * Another client of the Runtime API to run the handler, like the entry point of AWS's `aws-lambda-ric`. It is a
   * module that is given `<module>.<export>` as its argument and in `_HANDLER`.
   *
   * @default our own
   */
  bootstrap?: string
}

/** The options, checked, with the defaults filled in. */
export interface LambdaSettings {
  command: string
  args: string[]
  /** The folder of the module, which is `/var/task` in Lambda. */
  taskRoot: string
  env: Record<string, string>
  invokedFunctionArn: string
  initTimeoutMs: number
  onLog: ((line: string) => void) | undefined
  freeze: boolean
  maxEnvironments: number
}

/**
 * Checks the options of `startLambda`.
 *
 * @throws OptionsError which names the option at fault.
 */
export function toSettings(options: LambdaProcessOptions): LambdaSettings {
  const { functionName = 'local', memoryLimitMb = 128, nodePath = process.execPath } = options
  const { initTimeoutMs = 10_000, freeze = false, maxEnvironments = 10, onLog } = options
  optionalInteger('memoryLimitMb', memoryLimitMb, 128, 10_240)
  optionalInteger('initTimeoutMs', initTimeoutMs, 1, 900_000)
  optionalInteger('maxEnvironments', maxEnvironments, 1, 1000)
  if (freeze && process.platform === 'win32') {
    throw new OptionsError('freeze', 'is not possible on Windows, where no process can be stopped')
  }
  const { taskRoot, moduleName } = locate(options.file)
  const handler = `${moduleName}.${options.handler ?? 'handler'}`
  const env = environment(options, { taskRoot, handler, functionName, memoryLimitMb, nodePath })
  // Lambda's Node runtimes give this share of the memory to the old generation.
  const heap = `--max-old-space-size=${Math.floor(memoryLimitMb * 0.9)}`
  const bootstrap = options.bootstrap ?? new URL('./bootstrap.js', import.meta.url)
  const script = typeof bootstrap === 'string' ? path.resolve(bootstrap) : fileURLToPath(bootstrap)
  return {
    command: nodePath,
    args: [heap, script, handler],
    taskRoot,
    env,
    invokedFunctionArn: `arn:aws:lambda:${env['AWS_REGION'] ?? ''}:000000000000:function:${functionName}`,
    initTimeoutMs,
    onLog,
    freeze,
    maxEnvironments,
  }
}

/** The endings of a module, in the order in which Lambda looks for them. */
const ENDINGS = ['.js', '.mjs', '.cjs']

function locate(file: string): { taskRoot: string; moduleName: string } {
  const { dir, name, ext } = path.parse(path.resolve(file))
  if (!ENDINGS.includes(ext) || name.includes('.')) {
    const rule = 'with no other dot, since Lambda takes what follows the first for the export'
    throw new OptionsError('file', `expected a .js, .mjs or .cjs file ${rule}`)
  }
  const found = ENDINGS.find((ending) => existsSync(path.join(dir, name + ending)))
  if (found === undefined) throw new OptionsError('file', `there is no ${file}`)
  if (found !== ext) throw new OptionsError('file', `Lambda would load ${name}${found} beside it`)
  return { taskRoot: dir, moduleName: name }
}

interface Facts {
  taskRoot: string
  handler: string
  functionName: string
  memoryLimitMb: number
  nodePath: string
}

/**
 * The variables that the function sees. The bootstrap sets `AWS_EXECUTION_ENV`, since it knows on which Node
 * it runs.
 */
function environment({ env }: LambdaProcessOptions, facts: Facts): Record<string, string> {
  const { taskRoot, handler, functionName, memoryLimitMb, nodePath } = facts
  const given = {
    PATH: [path.dirname(nodePath), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
    NODE_PATH: taskRoot,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: 'us-east-1',
    ...env,
  }
  return {
    ...given,
    AWS_DEFAULT_REGION: given.AWS_REGION,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryLimitMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: handler,
  }
}
