// The only file of this module that may say `unsafe`. Why every access is in bounds:
//
// 1. `withBytes` grows the array by `slack` zero bytes before it takes the pointer, and the pointer does not leave the
//    closure: `PageBytes` is only a parameter there, and the scanner that holds it dies with the call.
// 2. A scanner's position never exceeds `count`. It moves over a byte only after having seen that this byte is not
//    zero, and the byte at `count` is zero. A zero inside the page is an error, so it stops the scanner as well.
// 3. A load at position p reads at most p ..< p + 16, and `slack` is 16.
// 4. `moveDown` writes only below the end of the range it moves, so it never touches a byte that is still to be read.
//
// Debug builds, and so the tests, assert 2 and 3 at each access.

/// A page's bytes, owned for the length of one call, followed by zeros.
@safe
struct PageBytes {
    /// Zero bytes behind the page: the widest load (16) may start at the page's end.
    static let slack = 16
    /// Runs up to this long are moved by wide loads and stores; longer ones are worth a call of `memmove`.
    private static let shortRun = 128

    private let base: UnsafeMutablePointer<UInt8>
    let count: Int

    /// Runs `body` on the page's own storage. The page is copied only if it has no capacity for the slack.
    static func withBytes<Result, Failure: Error>(
        of page: inout [UInt8],
        _ body: (PageBytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let count = page.count
        page.reserveCapacity(count + slack)
        for _ in 0..<slack { page.append(0) }
        defer { page.removeLast(slack) }
        return try unsafe page.withUnsafeMutableBufferPointer { (buffer) throws(Failure) -> Result in
            // Never nil: the buffer holds at least the slack.
            guard let base = buffer.baseAddress else { preconditionFailure("an array with slack has storage") }
            return try body(unsafe PageBytes(base: base, count: count))
        }
    }

    @inline(__always)
    subscript(position: Int) -> UInt8 {
        assert(position >= 0 && position <= count)
        return unsafe base[position]
    }

    /// Eight bytes, the first in the lowest bits.
    @inline(__always)
    func word(_ position: Int) -> UInt64 {
        assert(position >= 0 && position <= count)
        return UInt64(littleEndian: unsafe UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
    }

    /// Four bytes, the first in the lowest bits.
    @inline(__always)
    func halfWord(_ position: Int) -> UInt32 {
        assert(position >= 0 && position <= count)
        return UInt32(littleEndian: unsafe UnsafeRawPointer(base + position).loadUnaligned(as: UInt32.self))
    }

    /// Moves `start ..< end` towards the front by `gap` bytes.
    @inline(__always)
    func moveDown(from start: Int, to end: Int, by gap: Int) {
        assert(gap > 0 && start - gap >= 0 && start <= end && end <= count)
        if gap < 16 || end - start > Self.shortRun {
            unsafe (base + (start - gap)).update(from: base + start, count: end - start)
            return
        }
        var position = start
        while position < end {
            let chunk = unsafe UnsafeRawPointer(base + position).loadUnaligned(as: SIMD16<UInt8>.self)
            unsafe UnsafeMutableRawPointer(base + (position - gap)).storeBytes(of: chunk, as: SIMD16<UInt8>.self)
            position += 16
        }
    }

    /// A copy of some of the page.
    func copy(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe [UInt8](UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}
