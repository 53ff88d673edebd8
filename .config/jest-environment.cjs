// Jest's environment for Node, which also switches off what the test file has switched on for the process.
const { AsyncLocalStorage } = require('node:async_hooks')
const { TestEnvironment } = require('jest-environment-node')

const METHODS = ['run', 'enterWith']

/**
 * Libraries keep an AsyncLocalStorage. Up to Node.js 22 each one that was ever used costs time at every
 * promise of the process, and test files that ended would slow down those that follow.
 */
module.exports = class extends TestEnvironment {
  storages = new Set()
  originals = {}

  async setup() {
    await super.setup()
    const { storages } = this
    for (const name of METHODS) {
      const original = AsyncLocalStorage.prototype[name]
      this.originals[name] = original
      AsyncLocalStorage.prototype[name] = function (...args) {
        storages.add(this)
        return original.apply(this, args)
      }
    }
  }

  async teardown() {
    Object.assign(AsyncLocalStorage.prototype, this.originals)
    for (const storage of this.storages) storage.disable()
    this.storages.clear()
    await super.teardown()
  }
}
