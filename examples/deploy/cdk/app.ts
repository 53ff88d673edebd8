import { App } from 'aws-cdk-lib'
import { DecoratorStack } from './decorator-stack.js'
import { InterceptorStack } from './interceptor-stack.js'
import { PaymentsStack } from './payments-stack.js'
import { readSettings } from './settings.js'

const app = new App()
const settings = readSettings(app.node)

new PaymentsStack(app, 'PaymentsStack', settings)
new DecoratorStack(app, 'DecoratorStack', settings)
new InterceptorStack(app, 'InterceptorStack', settings)
