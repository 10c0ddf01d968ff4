#pragma once

#include <string_view>

namespace muster {

/// Whether a text is an absolute URL to the peer, which asks a WHATWG parser.
/// Accepts, after blanks around it and any tab or line break in it are left out:
///
/// - `scheme:` and anything, for every scheme but those below;
/// - http, https, ws, wss, ftp: then a host that is not empty, with or
///   without slashes or backslashes before it;
/// - file: a host that may be empty.
///
/// Where there is an authority: a host is a bracketed IPv6 address, an IPv4
/// address if it ends in a number, or a name without forbidden characters
/// (after percent-decoding); a port is at most 65535. Names are not put
/// through IDNA. The text must be valid UTF-8.
[[nodiscard]] bool is_url(std::string_view text);

} // namespace muster
