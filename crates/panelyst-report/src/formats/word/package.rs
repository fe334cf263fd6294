//! The package of a Word document: its fixed parts and the zip around them.

use std::io::{Cursor, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// A picture of the package, in the folder `word/media`.
#[derive(Clone, Debug)]
pub(super) struct Media<'a> {
    /// Its name there.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
}

impl Media<'_> {
    /// Name of the relation from the document to the picture of this place; the fixed parts have the first ones.
    pub(super) fn relation(&self, place: usize) -> String {
        format!("rId{}", FIRST_PICTURE + place)
    }
}

/// Number of the relation of the first picture.
const FIRST_PICTURE: usize = 5;

const IMAGE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image";

const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/></Types>"#;

const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

const DOCUMENT_RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable" Target="fontTable.xml"/></Relationships>"#;

/// Settings without which Word opens the document in a mode for its older versions.
const SETTINGS: &str = r#"<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>"#;

const FONTS: &str = r#"<w:font w:name="Times New Roman"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font><w:font w:name="SimSun"><w:altName w:val="宋体"/><w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>"#;

/// Letters of 10.5 pt, titles bold, notes of 9 pt.
const STYLES: &str = r#"<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:eastAsia="SimSun" w:hAnsi="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style><w:style w:type="paragraph" w:customStyle="1" w:styleId="PanelystTitle"><w:name w:val="Panelyst Title"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="120" w:after="80"/><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:bCs/></w:rPr></w:style><w:style w:type="paragraph" w:customStyle="1" w:styleId="PanelystCell"><w:name w:val="Panelyst Cell"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:before="10" w:after="10"/><w:jc w:val="center"/></w:pPr></w:style><w:style w:type="paragraph" w:customStyle="1" w:styleId="PanelystNote"><w:name w:val="Panelyst Note"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:keepLines/><w:spacing w:before="30"/><w:jc w:val="both"/></w:pPr><w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>"#;

/// What a document with pictures, lists and headings has more: types, relations, and styles with the names that Word knows them
/// by, so that its pane of headings shows them.
const MORE_TYPES: &str = r#"<Default Extension="png" ContentType="image/png"/>"#;
const NUMBERING_TYPE: &str = r#"<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>"#;
const NUMBERING_RELATION: &str = r#"<Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/>"#;
const NUMBERING: &str = r#"<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="360" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"#;
const MORE_STYLES: &str = r#"<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:next w:val="BodyText"/><w:qFormat/><w:pPr><w:spacing w:after="240"/><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:bCs/><w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:next w:val="BodyText"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="320" w:after="120"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:bCs/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Normal"/><w:next w:val="BodyText"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="240" w:after="100"/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:bCs/><w:sz w:val="24"/><w:szCs w:val="24"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading3"><w:name w:val="heading 3"/><w:basedOn w:val="Normal"/><w:next w:val="BodyText"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="180" w:after="80"/><w:outlineLvl w:val="2"/></w:pPr><w:rPr><w:b/><w:bCs/><w:i/><w:iCs/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="BodyText"><w:name w:val="Body Text"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:basedOn w:val="Normal"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="60" w:line="276" w:lineRule="auto"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Caption"><w:name w:val="caption"/><w:basedOn w:val="Normal"/><w:next w:val="BodyText"/><w:qFormat/><w:pPr><w:keepLines/><w:spacing w:before="60" w:after="240"/><w:jc w:val="both"/></w:pPr><w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style><w:style w:type="paragraph" w:customStyle="1" w:styleId="PanelystFigure"><w:name w:val="Panelyst Figure"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="120"/><w:jc w:val="center"/></w:pPr></w:style>"#;

/// Packs a document from the inside of its body; one with `media` has headings and lists too.
pub(super) fn pack(body: &str, media: Option<&[Media<'_>]>) -> Result<Vec<u8>, ZipError> {
    let main = |element: &str, inside: &str| {
        format!("{HEAD}<w:{element} xmlns:w=\"{MAIN}\">{inside}</w:{element}>")
    };
    let mut types = CONTENT_TYPES.to_owned();
    let mut relations = DOCUMENT_RELATIONS.to_owned();
    let mut styles = STYLES.to_owned();
    if let Some(media) = media {
        // Types by extension stand before those of single parts.
        types = types.replacen("<Override", &format!("{MORE_TYPES}<Override"), 1);
        types = types.replace("</Types>", &format!("{NUMBERING_TYPE}</Types>"));
        let mut more = NUMBERING_RELATION.to_owned();
        for (place, picture) in media.iter().enumerate() {
            let (id, name) = (picture.relation(place), &picture.name);
            more.push_str(&format!(
                "<Relationship Id=\"{id}\" Type=\"{IMAGE}\" Target=\"media/{name}\"/>"
            ));
        }
        relations = relations.replace("</Relationships>", &format!("{more}</Relationships>"));
        styles.push_str(MORE_STYLES);
    }
    let mut parts = vec![
        ("[Content_Types].xml", format!("{HEAD}{types}")),
        ("_rels/.rels", format!("{HEAD}{RELATIONS}")),
        (
            "word/document.xml",
            main("document", &format!("<w:body>{body}</w:body>")),
        ),
        ("word/_rels/document.xml.rels", format!("{HEAD}{relations}")),
        ("word/styles.xml", main("styles", &styles)),
        ("word/settings.xml", main("settings", SETTINGS)),
        ("word/fontTable.xml", main("fonts", FONTS)),
    ];
    if media.is_some() {
        parts.push(("word/numbering.xml", main("numbering", NUMBERING)));
    }
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in parts {
        archive.start_file(path, options)?;
        archive.write_all(text.as_bytes())?;
    }
    // Pictures are compressed already.
    let options = options.compression_method(CompressionMethod::Stored);
    for picture in media.unwrap_or_default() {
        archive.start_file(format!("word/media/{}", picture.name), options)?;
        archive.write_all(picture.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
