//! What comes from the keyboard, a scanner or a clipboard, and what must not leave a text: amounts, card numbers, keys.

use std::collections::BTreeMap;

use madoguchi::app::key::Input;
use madoguchi::domain::barcode::framing::Framing;
use madoguchi::domain::money::Yen;
use madoguchi::domain::slip::{ApprovalCode, JournalId, TerminalSlipNumber};
use madoguchi::domain::tender::MaskedAccount;
use madoguchi::domain::text::{
    fold_width, holds_card_number, is_unsafe, mask_card_numbers, strip_unsafe,
};
use madoguchi::edge::tty::decode::Decoder;

/// Moments after which a decoder has decided on everything it held.
const MOMENTS_MAX: usize = 64;

/// Texts: bytes that are none are taken for the nearest.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// Keys in any pieces at any times: nothing is made up, nothing is held for ever.
pub(crate) fn keys(input: &[u8]) -> String {
    let (gap, bytes) = input
        .split_first()
        .map_or((0, input), |(gap, rest)| (*gap, rest));
    let mut decoder = Decoder::new(BTreeMap::new(), Framing::typed(u64::from(gap % 3) * 20));
    let mut heard: Vec<Input> = Vec::new();
    let mut now_ms = 0;
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let (piece, behind) = rest.split_at((usize::from(*first) % 11 + 1).min(rest.len()));
        if *first == 0x1b && piece.len() % 4 == 3 {
            decoder.expect_cursor_report();
        }
        heard.extend(decoder.expire(now_ms));
        heard.extend(decoder.feed(piece, now_ms));
        now_ms += u64::from(*first) % 61;
        rest = behind;
    }
    for moments in 0.. {
        assert!(
            moments < MOMENTS_MAX,
            "the decoder holds something for ever"
        );
        let Some(due) = decoder.deadline() else {
            break;
        };
        now_ms = due.max(now_ms) + 1;
        heard.extend(decoder.expire(now_ms));
    }
    assert!(heard.len() <= 2 * bytes.len() + 2, "{} inputs", heard.len());
    let mut words = String::new();
    let mut letters = 0;
    for input in &heard {
        if let Input::Paste(text) | Input::Scan(text) = input {
            letters += text.len();
            assert!(
                !text
                    .chars()
                    .any(|c| c.is_control() && c != '\n' && c != '\t'),
                "{text:?}"
            );
        }
        if words.len() < 160 {
            words.extend(
                format!("{input:?}")
                    .chars()
                    .filter(|c| c.is_ascii_uppercase()),
            );
        }
    }
    assert!(letters <= 3 * bytes.len(), "{letters} bytes of text");
    words
}

/// An amount that is taken is within its limit and reads as it is shown.
pub(crate) fn amounts(input: &[u8]) -> String {
    let text = text(input);
    match Yen::parse(&text, Yen::LIMIT) {
        Ok(yen) => {
            assert!(yen > Yen::ZERO && yen <= Yen::LIMIT, "{yen:?}");
            assert_eq!(Yen::parse(&yen.to_string(), Yen::LIMIT), Ok(yen));
            assert_eq!(Yen::parse(&yen.get().to_string(), Yen::LIMIT), Ok(yen));
            let tax = yen.tax_inside(10);
            assert!(tax >= Yen::ZERO && tax < yen);
            format!("{} digits", yen.get().to_string().len())
        }
        Err(error) => format!("{error:?}"),
    }
}

/// Account numbers keep six leading and four trailing digits at most, and are not masked twice.
pub(crate) fn accounts(input: &[u8]) -> String {
    let text = text(input);
    match MaskedAccount::mask(&text) {
        Ok((masked, exposed)) => {
            let digits = masked.as_str().bytes().filter(u8::is_ascii_digit).count();
            assert!(digits <= 10, "{masked:?}");
            assert!(masked.as_str().len() <= text.len());
            assert!(!holds_card_number(masked.as_str()), "{masked:?}");
            let again = MaskedAccount::mask(masked.as_str());
            assert_eq!(again, Ok((masked, false)));
            format!("{digits} digits, {exposed}")
        }
        Err(error) => format!("{error:?}"),
    }
}

/// No card number and no control stays in a text, and what is clean stays as it is.
pub(crate) fn sanitised(input: &[u8]) -> String {
    let text = text(input);
    let clean = strip_unsafe(&text);
    assert!(!clean.chars().any(is_unsafe));
    assert!(clean.len() <= text.len());
    assert_eq!(strip_unsafe(&clean), clean);
    let masked = mask_card_numbers(&clean);
    assert!(!holds_card_number(&masked), "{masked:?}");
    assert_eq!(masked.chars().count(), clean.chars().count());
    assert_eq!(mask_card_numbers(&masked), masked);
    assert_eq!(masked == clean, !holds_card_number(&clean));
    let folded = fold_width(&text);
    assert_eq!(fold_width(&folded), folded);
    let slip = TerminalSlipNumber::new(&text).map(|slip| {
        assert!(slip.as_str().len() <= 20 && !holds_card_number(slip.as_str()));
        assert_eq!(TerminalSlipNumber::new(slip.as_str()), Ok(slip.clone()));
    });
    let code = ApprovalCode::new(&text).is_ok();
    let journal = JournalId::new(&text).is_ok();
    format!("{} {slip:?} {code} {journal}", masked == clean)
}
