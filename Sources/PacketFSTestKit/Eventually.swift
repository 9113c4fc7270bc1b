/// Whether something comes to hold: asked again and again, for what takes its time on a busy machine.
package func eventually(attempts: Int = 1000, _ isSo: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<attempts where try isSo() { return true }
    return false
}
