//! Figures as pictures: the same bytes each time, within their edges, with every letter that the shipped font has.
#![allow(clippy::unwrap_used)]

use panelyst_report::Lang;
use panelyst_report::figures::{
    Content, Dot, FAMILY, FONT, Figure, Interval, Intervals, Line, Lines, Scatter, picture,
};

/// Colours of the pixels of a picture, with their number in a row and the pixels in a metre.
fn pixels(png: &[u8]) -> (Vec<[u8; 3]>, usize, u32) {
    let mut decoder = png::Decoder::new(png);
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let samples = info.color_type.samples();
    if samples == 4 {
        assert!(
            bytes.chunks_exact(4).all(|p| p[3] == 255),
            "nothing is transparent"
        );
    }
    let pixels = bytes.chunks_exact(samples).map(|p| [p[0], p[1], p[2]]);
    let in_a_metre = reader.info().pixel_dims.unwrap().xppu;
    (pixels.collect(), info.width as usize, in_a_metre)
}

const WHITE: [u8; 3] = [255; 3];

fn of(text: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 80 20\" width=\"80\" height=\"20\" \
         font-family=\"system-ui, Arial, 'Noto Sans SC', sans-serif\"><text x=\"4\" y=\"15\" font-size=\"12\">{text}</text></svg>"
    )
}

fn ink(svg: &str) -> usize {
    let (pixels, ..) = pixels(&picture("Figure 1", svg).unwrap().png);
    pixels.iter().filter(|pixel| **pixel != WHITE).count()
}

fn drawn(content: Content) -> Figure {
    Figure {
        id: "figure1-test".to_owned(),
        label: "Figure 1".to_owned(),
        title: "Title".to_owned(),
        caption: String::new(),
        lang: Lang::Zh,
        content,
    }
}

fn intervals() -> Content {
    let row = |label: &str, estimate| Interval {
        label: label.to_owned(),
        estimate: Some(estimate),
        interval: Some((estimate - 12.5, estimate + 1000.0)),
        marked: false,
    };
    Content::Intervals(Intervals {
        axis: "Coefficient of the logarithm of the public capital stock, 95% interval".to_owned(),
        rows: vec![
            row("(1) 滞后一期的解释变量与中部地区", -0.5),
            row("(2) WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", 2.0),
            row("(3) without years 1970–1975 × Wyoming", 7.0),
        ],
        reference: Some((2.0, "所有单位".to_owned())),
        from_zero: true,
    })
}

fn lines() -> Content {
    let line = |label: &str, values: &[f64]| Line {
        label: label.to_owned(),
        values: (2001..).zip(values.iter().copied()).collect(),
    };
    Content::Lines(Lines {
        time: "年份".to_owned(),
        axis: "区位熵".to_owned(),
        lines: vec![
            line("内蒙古自治区", &[0.5, 0.7, 1.2]),
            line("District of Columbia", &[1.5, 1.7, 0.2]),
        ],
        reference: Some(1.0),
    })
}

#[test]
fn a_picture_has_two_pixels_a_point_on_white_and_the_same_bytes_each_time() {
    let svg = drawn(intervals()).draw().unwrap();
    let (first, second) = (
        picture("Figure 1", &svg).unwrap(),
        picture("Figure 1", &svg).unwrap(),
    );
    assert!(first == second);
    let (pixels, width, in_a_metre) = pixels(&first.png);
    assert_eq!((width, first.width), (1120, 1120));
    assert_eq!(pixels.len(), width * first.height as usize);
    // 144 pixels in an inch of 0.0254 m.
    assert_eq!(in_a_metre, 5669);
    let white = pixels.iter().filter(|pixel| **pixel == WHITE).count();
    assert!(
        white > pixels.len() / 2 && white < pixels.len() * 99 / 100,
        "{white}"
    );
}

#[test]
fn words_stay_within_the_edges() {
    let dot = |name: &str, x, y| Dot {
        x,
        y,
        name: name.to_owned(),
        marked: true,
    };
    let scatter = Content::Scatter(Scatter {
        x: "被解释变量的残差".to_owned(),
        y: "core variable, residuals".to_owned(),
        dots: vec![
            dot("新疆维吾尔自治区 2014", 1.0, 2.0),
            dot("North Carolina 1986", -3.0, -1.0),
        ],
        slope: 0.25,
    });
    for content in [intervals(), lines(), scatter] {
        let svg = drawn(content).draw().unwrap();
        let made = picture("Figure 1", &svg).unwrap();
        assert_eq!(made.missing, "");
        let (pixels, width, _) = pixels(&made.png);
        for (row, line) in pixels.chunks(width).enumerate() {
            assert!(line[0] == WHITE && line[width - 1] == WHITE, "row {row}");
        }
        for line in [&pixels[..width], &pixels[pixels.len() - width..]] {
            assert!(line.iter().all(|pixel| *pixel == WHITE));
        }
    }
}

#[test]
fn every_letter_is_the_shipped_fonts_own_and_what_it_lacks_is_told() {
    // Provinces and cities with rare characters, signs of the tables, Greek.
    for text in [
        "内蒙古 亳州 儋州 濮阳 漯河 衢州 泸州",
        "β̂ α ≤ × ± … “x” § ² −1",
        "ÅÄÖ éèñ",
    ] {
        let text: String = text.chars().filter(|c| *c != '\u{302}').collect();
        let made = picture("Figure 1", &of(&text)).unwrap();
        assert_eq!(made.missing, "", "{text}");
    }
    let made = picture("Figure 1", &of("中 𝛽 and \u{10fffd}𝛽")).unwrap();
    assert_eq!(made.missing, "𝛽\u{10fffd}");
    assert!(ink(&of("")) == 0 && ink(&of("中国")) > 100);
    // Different letters are different pictures, so that none is the box for what is missing.
    let of_text = |text: &str| picture("Figure 1", &of(text)).unwrap().png;
    assert!(of_text("省") != of_text("市") && of_text("a") != of_text("b"));
    assert!(of_text("\u{10fffd}") != of_text("省"));
}

#[test]
fn the_font_is_small_and_bears_a_name_of_its_own() {
    assert!(FONT.len() < 2_000_000, "{}", FONT.len());
    let name: Vec<u8> = FAMILY.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(FONT.windows(name.len()).any(|part| part == name));
    let licence = include_str!("../fonts/OFL.txt");
    assert!(licence.contains("SIL OPEN FONT LICENSE Version 1.1"));
}

#[test]
fn colours_are_the_same_with_few_and_with_many_of_them() {
    // 300 squares of 1 by 1 point, each with a colour of its own, or with one of ten.
    for colours in [10, 300] {
        let color = |place: usize| {
            let place = place % colours;
            [
                u8::try_from(place % 250).unwrap(),
                u8::try_from(place / 250).unwrap(),
                7,
            ]
        };
        let mut squares = String::new();
        for place in 0..300 {
            let ([r, g, b], x, y) = (color(place), place % 20, place / 20);
            squares.push_str(&format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\" fill=\"rgb({r},{g},{b})\"/>"
            ));
        }
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"15\">{squares}</svg>"
        );
        let (pixels, width, _) = pixels(&picture("Figure 1", &svg).unwrap().png);
        assert_eq!((width, pixels.len()), (40, 1200));
        for place in 0..300 {
            let at = (place / 20) * 2 * width + (place % 20) * 2;
            for pixel in [at, at + 1, at + width, at + width + 1] {
                assert_eq!(pixels[pixel], color(place), "{colours} {place}");
            }
        }
    }
}

#[test]
fn what_is_no_drawing_is_an_error_that_names_the_figure() {
    let error = picture("Figure 7", "<svg").unwrap_err().to_string();
    assert!(error.starts_with("Figure 7 cannot be drawn: "), "{error}");
}
