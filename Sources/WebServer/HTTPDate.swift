#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The time since some fixed moment.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The time of day for the header field `Date` (RFC 9110, section 5.6.7), made once a second.
struct HTTPDate {
  private var second: time_t = -1
  private var cached = ""

  var text: String {
    mutating get {
      let now = time(nil)
      guard now != second else { return cached }
      second = now
      var (parts, moment) = (tm(), now)
      gmtime_r(&moment, &parts)
      let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
      let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
      ]
      func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
      cached =
        "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
        + "\(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
      return cached
    }
  }
}
