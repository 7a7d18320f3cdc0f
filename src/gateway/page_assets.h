// SPDX-License-Identifier: MIT
// The style and the script of the web page, as constant text. The page loads nothing else: no font, no image,
// no library; the shapes of the states are drawn by the style. Not: content (web_page.h, its only caller).
#pragma once

#include <string_view>

namespace foster {

extern const std::string_view kPageStyle;
// Fetches this page again every 3 s and puts its <main> in place of the old one; rests while the page is
// hidden, while a button has the focus, and while a form is on its way. Everything works without it.
extern const std::string_view kPageScript;

}  // namespace foster
